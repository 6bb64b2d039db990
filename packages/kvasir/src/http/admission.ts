import { KvError } from "@kvasir/client/namespace";
import { cutOff } from "./body-errors.js";
import { type Client, Hold, type HoldOptions, type SharedMemory } from "./hold.js";
import {
  BUFFER_CLIENT_SHARES,
  BUFFER_FAIR_WAIT_FRACTION,
  BUFFER_WAITERS_MAX,
  BUFFER_WAITERS_PER_CLIENT_MAX,
} from "./limits.js";

interface Waiter {
  readonly hold: Hold;
  readonly bytes: number;
  readonly sinceMs: number;
  admit(): void;
  refuse(error: KvError): void;
}

export interface AdmissionOptions {
  /** The memory that requests share, in bytes. One request at a time may exceed it. */
  readonly bytesMax: number;
  /** How long a request waits for memory before it is refused, in milliseconds. */
  readonly waitMs: number;
  /** How long a client may send or receive nothing while others wait, in milliseconds. */
  readonly stallMs: number;
}

/**
 * The memory that requests share: for bodies as they arrive, and for responses until they are read.
 * `DESIGN.md` explains why no request waits for ever.
 */
export class Admission implements SharedMemory {
  readonly #bytesMax: number;
  readonly #waitMs: number;
  readonly #stallMs: number;
  readonly #clients = new Map<string, Client>();
  readonly #holds = new Set<Hold>();
  readonly #waiters: Waiter[] = [];
  /** The one request that may exceed the limit. Without it, requests could wait for each other for ever. */
  #leader: Hold | null = null;
  #bytesHeld = 0;
  #gaveWay = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ bytesMax, waitMs, stallMs }: AdmissionOptions) {
    this.#bytesMax = bytesMax;
    this.#waitMs = waitMs;
    this.#stallMs = stallMs;
  }

  /** Bytes that requests in flight hold. */
  get bytesHeld(): number {
    return this.#bytesHeld;
  }

  /** The number of requests that wait for memory. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /** The number of requests that were ended because others waited for their memory. */
  get gaveWay(): number {
    return this.#gaveWay;
  }

  /** The memory account of a new request of this client. It is empty at first. */
  open(clientId: string, options: HoldOptions): Hold {
    let client = this.#clients.get(clientId);
    if (client === undefined) {
      client = { id: clientId, bytesHeld: 0, holds: 0, waiting: 0 };
      this.#clients.set(clientId, client);
    }
    client.holds++;
    const hold = new Hold(this, client, options);
    this.#holds.add(hold);
    return hold;
  }

  /**
   * Resolves once the hold has `bytes` more. For {@link Hold}.
   *
   * @throws KvError `unavailable` if too many requests are waiting, or the wait takes too long
   */
  charge(hold: Hold, bytes: number): Promise<void> | undefined {
    if (hold === this.#leader || (this.#waiters.length === 0 && this.#fits(bytes))) {
      this.#add(hold, bytes);
      return undefined;
    }
    const { client } = hold;
    const waitersMax = this.#clients.size === 1 ? BUFFER_WAITERS_MAX : BUFFER_WAITERS_PER_CLIENT_MAX;
    if (this.#waiters.length >= BUFFER_WAITERS_MAX || client.waiting >= waitersMax) throw busy();
    return this.#wait(hold, bytes);
  }

  /** Takes back memory that a hold no longer needs. For {@link Hold}. */
  giveBack(hold: Hold, bytes: number): void {
    this.#add(hold, -bytes);
    this.#admitWaiters();
  }

  /** For {@link Hold}. */
  close(hold: Hold): void {
    const { client } = hold;
    this.#holds.delete(hold);
    if (--client.holds === 0) this.#clients.delete(client.id);
    if (hold === this.#leader) this.#leader = null;
    this.giveBack(hold, hold.bytes);
  }

  /** The leader's memory does not count towards the shared memory. */
  #fits(bytes: number): boolean {
    return this.#bytesHeld - (this.#leader?.bytes ?? 0) + bytes <= this.#bytesMax;
  }

  #add(hold: Hold, bytes: number): void {
    hold.bytes += bytes;
    hold.client.bytesHeld += bytes;
    this.#bytesHeld += bytes;
  }

  #wait(hold: Hold, bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        hold.client.waiting--;
        hold.waitsForMemory(null);
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        if (this.#waiters.length === 0) this.#stopLooking();
      };
      const waiter: Waiter = {
        hold,
        bytes,
        sinceMs: performance.now(),
        admit: () => {
          leave();
          resolve();
        },
        refuse: (error) => {
          leave();
          reject(error);
          // The next waiter may need less.
          this.#admitWaiters();
        },
      };
      const timer = setTimeout(() => waiter.refuse(busy()), this.#waitMs);
      hold.client.waiting++;
      hold.waitsForMemory((error) => waiter.refuse(error));
      this.#waiters.push(waiter);
      this.#startLooking();
      this.#admitWaiters();
    });
  }

  #admitWaiters(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      if (!this.#fits(next.bytes)) {
        if (this.#leader !== null) return;
        this.#leader = next.hold;
      }
      this.#add(next.hold, next.bytes);
      next.admit();
    }
  }

  /** First come, first served, except that clients over their share come after the others. */
  #next(): Waiter | undefined {
    const shareBytes = this.#shareBytes();
    return (
      this.#waiters.find(({ hold, bytes }) => hold.client.bytesHeld + bytes <= shareBytes) ?? this.#waiters[0]
    );
  }

  #shareBytes(): number {
    return this.#bytesMax / Math.max(BUFFER_CLIENT_SHARES, this.#clients.size);
  }

  /** Checks requests only while others wait. Until then a slow client does no harm. */
  #startLooking(): void {
    if (this.#timer !== undefined) return;
    for (const hold of this.#holds) hold.mark();
    this.#timer = setInterval(() => this.#makeRoom(), this.#stallMs).unref();
  }

  #stopLooking(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /**
   * Ends requests whose clients have stalled, the largest first, until the waiting requests have room. If a
   * client within its share has waited long, also ends requests of clients over their share.
   */
  #makeRoom(): void {
    const shareBytes = this.#shareBytes();
    const lateMs = performance.now() - this.#waitMs * BUFFER_FAIR_WAIT_FRACTION;
    const unfair = this.#waiters.some(
      ({ hold, sinceMs }) => sinceMs <= lateMs && hold.client.bytesHeld < shareBytes,
    );
    const ending: { readonly hold: Hold; readonly error: KvError }[] = [];
    for (const hold of this.#holds) {
      if (hold.isGone()) hold.giveWay?.(cutOff());
      else if (hold.isStalled) ending.push({ hold, error: tooSlow() });
      else if (unfair && hold.client.bytesHeld > shareBytes) ending.push({ hold, error: overShare() });
      hold.mark();
    }
    ending.sort((a, b) => b.hold.bytes - a.hold.bytes);
    let wantedBytes = this.#waiters.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { hold, error } of ending) {
      if (wantedBytes <= 0) return;
      if (hold.giveWay === null) continue;
      wantedBytes -= hold.bytes;
      this.#gaveWay++;
      hold.giveWay(error);
    }
  }
}

function busy(): KvError {
  return new KvError("unavailable", "Too many large requests are under way", {
    hint: "Try again in a second, or send fewer large requests at a time.",
  });
}

function tooSlow(): KvError {
  return new KvError("request_timeout", "The request was too slow while others waited for its memory", {
    hint: "Send it again, in smaller parts if the connection is slow.",
  });
}

function overShare(): KvError {
  return new KvError("unavailable", "This client's requests hold more than their share of the memory", {
    hint: "Try again, with fewer large requests at a time.",
  });
}
