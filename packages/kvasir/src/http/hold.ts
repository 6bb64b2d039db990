import type { KvError } from "@kvasir/client/namespace";
import { STALL_BYTES_MIN } from "./limits.js";

export type GiveWay = (error: KvError) => void;

export interface HoldOptions {
  /** Whether the client has disconnected, so that the request can end. */
  isGone(): boolean;
}

/** The sender that requests are counted for. */
export interface Client {
  readonly id: string;
  /** Memory that its requests hold, in bytes. */
  bytesHeld: number;
  /** The number of its requests that hold or may hold memory. */
  holds: number;
  /** The number of its requests that wait for memory. */
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
  /** Maintained by {@link Admission}. */
  bytes = 0;
  readonly #admission: SharedMemory;
  #giveWay: GiveWay | null = null;
  #waitsForClient = false;
  #isClosed = false;
  /** Bytes that the client has sent or received. */
  #movedBytes = 0;
  /** The bytes moved at the last {@link mark}. `null` if the request began after it. */
  #markedBytes: number | null = null;

  constructor(admission: SharedMemory, client: Client, { isGone }: HoldOptions) {
    this.#admission = admission;
    this.client = client;
    this.isGone = isGone;
  }

  /** Charges `bytes` more, without a promise where there is room. Throws as {@link SharedMemory.charge} does. */
  charge(bytes: number): Promise<void> | undefined {
    // Parts that were still being read when the request ended have been released with it.
    return bytes === 0 || this.#isClosed ? undefined : this.#admission.charge(this, bytes);
  }

  /** Releases all but `bytes`. */
  shrinkTo(bytes: number): void {
    if (bytes < this.bytes) this.#admission.giveBack(this, this.bytes - bytes);
  }

  close(): void {
    this.#isClosed = true;
    this.#admission.close(this);
  }

  /**
   * The function that ends what the request waits for. `null` while it waits only for the server's own work.
   */
  get giveWay(): GiveWay | null {
    return this.#giveWay;
  }

  /** Set while the request can be ended because its client is slow. */
  waitsForClient(giveWay: GiveWay | null): void {
    this.#giveWay = giveWay;
    this.#waitsForClient = giveWay !== null;
  }

  /** For {@link Admission}. */
  waitsForMemory(giveWay: GiveWay | null): void {
    this.#giveWay = giveWay;
    this.#waitsForClient = false;
    // The client could not send or receive anything meanwhile.
    this.#markedBytes = null;
  }

  /** Records that the client has sent or received `bytes`. */
  moved(bytes: number): void {
    this.#movedBytes += bytes;
  }

  mark(): void {
    this.#markedBytes = this.#movedBytes;
  }

  /** Whether the request waits for its client, which has moved almost nothing since the last {@link mark}. */
  get isStalled(): boolean {
    if (!this.#waitsForClient || this.#markedBytes === null) return false;
    return this.#movedBytes - this.#markedBytes < STALL_BYTES_MIN;
  }
}
