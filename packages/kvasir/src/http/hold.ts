import type { KvError } from "@kvasir/client/namespace";
import { STALL_BYTES_MIN } from "./limits.js";

export type GiveWay = (error: KvError) => void;

export interface HoldOptions {
  /** Whether the client has gone, so that nobody waits for the request any more. */
  isGone(): boolean;
}

/** Who requests are counted for. */
export interface Client {
  readonly id: string;
  /** Memory that its requests hold, in bytes. */
  bytesHeld: number;
  /** Its requests that hold or may hold memory. */
  holds: number;
  /** Those of them that wait. */
  waiting: number;
}

/** What a hold asks of the memory that requests share. */
export interface SharedMemory {
  /** @throws KvError `unavailable` if there is no room in time */
  charge(hold: Hold, bytes: number): Promise<void> | undefined;
  giveBack(hold: Hold, bytes: number): void;
  close(hold: Hold): void;
}

/** The memory that one request holds, from its first charge to its end. */
export class Hold {
  readonly client: Client;
  readonly isGone: () => boolean;
  /** Kept by {@link Admission}. */
  bytes = 0;
  readonly #admission: SharedMemory;
  #giveWay: GiveWay | null = null;
  #waitsForClient = false;
  #isClosed = false;
  /** Bytes that the client has sent or taken. */
  #movedBytes = 0;
  /** What was moved at the last {@link mark}; `null`: the request is younger than that. */
  #markedBytes: number | null = null;

  constructor(admission: SharedMemory, client: Client, { isGone }: HoldOptions) {
    this.#admission = admission;
    this.client = client;
    this.isGone = isGone;
  }

  /** Charges `bytes` more, without a promise where there is room. Throws as {@link SharedMemory.charge} does. */
  charge(bytes: number): Promise<void> | undefined {
    // Parts that were still being read when the request ended are let go with it.
    return bytes === 0 || this.#isClosed ? undefined : this.#admission.charge(this, bytes);
  }

  /** Gives back all but `bytes`. */
  shrinkTo(bytes: number): void {
    if (bytes < this.bytes) this.#admission.giveBack(this, this.bytes - bytes);
  }

  close(): void {
    this.#isClosed = true;
    this.#admission.close(this);
  }

  /** Ends what the request waits for; `null` while it waits for nothing but the server's own work. */
  get giveWay(): GiveWay | null {
    return this.#giveWay;
  }

  /** While the request can be ended because its client is slow. */
  waitsForClient(giveWay: GiveWay | null): void {
    this.#giveWay = giveWay;
    this.#waitsForClient = giveWay !== null;
  }

  /** For {@link Admission}. */
  waitsForMemory(giveWay: GiveWay | null): void {
    this.#giveWay = giveWay;
    this.#waitsForClient = false;
    // The client could not move anything meanwhile.
    this.#markedBytes = null;
  }

  /** Tells that the client has sent or taken so much. */
  moved(bytes: number): void {
    this.#movedBytes += bytes;
  }

  mark(): void {
    this.#markedBytes = this.#movedBytes;
  }

  /** Whether the request waits for its client, and that has moved next to nothing since the last {@link mark}. */
  get isStalled(): boolean {
    if (!this.#waitsForClient || this.#markedBytes === null) return false;
    return this.#movedBytes - this.#markedBytes < STALL_BYTES_MIN;
  }
}
