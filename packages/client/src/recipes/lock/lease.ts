import { KvError } from "../../namespace/errors.js";
import type { KvAtomic } from "../../namespace/kv-namespace.js";
import { isInDoubt } from "../shared/store-access.js";
import type { Timer } from "../shared/timer.js";
import { OWNER_SECONDS, RENEW_AFTER, RENEW_PAUSE_MS_MIN } from "./limits.js";
import type { LockEntries, Term } from "./lock-entries.js";

declare global {
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

/** A lock that is held. */
export interface Lease {
  readonly name: string;
  /** The key of the entry whose version is the fencing token. */
  readonly key: string;
  /**
   * Greater than the token of any earlier owner of any lock in this namespace, also across expiry and
   * deletion. Pass it to systems that must reject a former owner. It stays the same while the lock is held
   * and renewed, except that it grows every fifteen days.
   */
  readonly fencingToken: number;
  /** When the lease ends unless it is renewed: milliseconds since the epoch, by this process's clock. */
  readonly untilMs: number;
  /** Aborts when the lease is known to be lost. The reason is a `KvError` `lock_lost`. */
  readonly signal: AbortSignal;
  /**
   * Makes a commit fail unless this owner still holds the lock: the result is `ok: false` and nothing is
   * changed. Only this stops an owner that was suspended. The deadline alone does not, because a program
   * cannot foresee its suspension.
   *
   * @example
   * const { ok } = await lease.guard(kv.atomic()).put("report", text).commit();
   */
  guard(atomic: KvAtomic): KvAtomic;
  /**
   * Restarts the lease's time. One request.
   *
   * @throws KvError `lock_lost` if another owner has the lock
   */
  renew(): Promise<void>;
  /**
   * Releases the lock. One request. Further calls do nothing.
   *
   * @returns whether this owner still held it; also `false` if a response was lost and the deadline has
   *   passed, because the outcome is then unknown
   */
  release(): Promise<boolean>;
  /** Releases the lock: `await using lease = await locks.acquire("report")`. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface LeaseSurroundings {
  readonly nowMs: () => number;
  readonly timer: Timer;
}

/** A lock that was taken. */
export interface Taken extends Term {
  readonly name: string;
  readonly fencingToken: number;
  readonly renews: boolean;
}

export class HeldLease implements Lease {
  readonly name: string;
  readonly #entries: LockEntries;
  readonly #around: LeaseSurroundings;
  readonly #owner: string;
  readonly #ttlSeconds: number;
  readonly #lost = new AbortController();
  #fencingToken: number;
  #untilMs: number;
  /** When the owner's entry was last written. */
  #stampedMs: number;
  #released: Promise<boolean> | undefined;
  #stopTimers: () => void = () => {};

  constructor(entries: LockEntries, taken: Taken, around: LeaseSurroundings) {
    this.name = taken.name;
    this.#entries = entries;
    this.#around = around;
    this.#owner = taken.owner;
    this.#ttlSeconds = taken.ttlSeconds;
    this.#fencingToken = taken.fencingToken;
    this.#untilMs = taken.untilMs;
    this.#stampedMs = taken.untilMs - taken.ttlSeconds * 1000;
    if (taken.renews) this.#renewLater();
  }

  get key(): string {
    return this.#entries.key;
  }

  get fencingToken(): number {
    return this.#fencingToken;
  }

  get untilMs(): number {
    return this.#untilMs;
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  guard(atomic: KvAtomic): KvAtomic {
    this.signal.throwIfAborted();
    return atomic.check(this.key, this.#fencingToken);
  }

  async renew(): Promise<void> {
    if (this.#released !== undefined) throw lockLost(this.name, "It was released.");
    this.signal.throwIfAborted();
    const nowMs = this.#around.nowMs();
    // Based on the time before the request: the store may execute it before the response arrives.
    const untilMs = nowMs + this.#ttlSeconds * 1000;
    const restamp = nowMs - this.#stampedMs > (OWNER_SECONDS * 1000) / 2;
    const term = { owner: this.#owner, untilMs, ttlSeconds: this.#ttlSeconds };
    const fencingToken = await this.#entries.renew(this.#fencingToken, term, restamp);
    if (fencingToken === null) throw this.#lose("Another owner has taken it.");
    this.#fencingToken = fencingToken;
    this.#untilMs = untilMs;
    if (restamp) this.#stampedMs = nowMs;
  }

  release(): Promise<boolean> {
    this.#stopTimers();
    this.#released ??= this.#release();
    return this.#released;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  async #release(): Promise<boolean> {
    try {
      return await this.#entries.release(this.#fencingToken);
    } catch (error) {
      if (!isInDoubt(error)) throw error;
      // Only the response may have been lost. Then nothing is left to release, and before the deadline nobody
      // else can have taken the lock. After the deadline the outcome is unknown.
      const wasOwners = await this.#entries.release(this.#fencingToken);
      return wasOwners || this.#around.nowMs() < this.#untilMs;
    }
  }

  #lose(why: string, cause?: unknown): KvError {
    this.#stopTimers();
    const error = lockLost(this.name, why, cause);
    this.#lost.abort(error);
    return error;
  }

  /** Schedules a renewal after a third of the remaining time. At the deadline the lease is lost. */
  #renewLater(): void {
    const { nowMs, timer } = this.#around;
    const leftMs = this.#untilMs - nowMs();
    this.#stopTimers();
    const stopRenewal = timer(
      () => void this.#renewNow(),
      Math.max(RENEW_PAUSE_MS_MIN, leftMs * RENEW_AFTER),
    );
    // A separate timer, because a renewal may still wait for its response.
    const stopDeadline = timer(() => this.#lose("It ran out before it could be renewed."), leftMs);
    this.#stopTimers = () => {
      stopRenewal();
      stopDeadline();
    };
  }

  async #renewNow(): Promise<void> {
    const failure = await this.renew().then(
      () => undefined,
      (error: unknown) => error,
    );
    if (this.signal.aborted || this.#released !== undefined) return;
    try {
      if (failure !== undefined && !mayPass(failure)) throw failure;
      this.#renewLater();
    } catch (error) {
      this.#lose("It could not be renewed.", error);
    }
  }
}

/** Whether a later attempt before the deadline may succeed. */
function mayPass(error: unknown): boolean {
  return isInDoubt(error) || (error instanceof KvError && error.code === "rate_limited");
}

export function lockLost(name: string, why: string, cause?: unknown): KvError {
  return new KvError("lock_lost", `The lock ${JSON.stringify(name)} is no longer held. ${why}`, {
    hint: "Stop the work and start it again under a new lock. Guard its writes with lease.guard(), so that they cannot come late.",
    cause,
  });
}
