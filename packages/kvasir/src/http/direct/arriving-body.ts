import type { KvError } from "@kvasir/client/namespace";
import { BodyBuffer } from "../body-buffer.js";
import { cutOff } from "../body-errors.js";
import type { Hold } from "../hold.js";

/** The body of a request whose head was taken before all of its body had come. */
export class ArrivingBody {
  readonly #buffer: BodyBuffer;
  #bytesLeft: number;
  #hold: Hold | null = null;
  #wake: () => void = ignore;
  #isDiscarded = false;
  #failure: KvError | null = null;

  constructor(byteLength: number) {
    this.#buffer = new BodyBuffer(byteLength);
    this.#bytesLeft = byteLength;
  }

  /** Whether the rest of it is not going to be read. */
  get isCutOff(): boolean {
    return this.#failure !== null;
  }

  get isWhole(): boolean {
    return this.#bytesLeft === 0;
  }

  /** Takes what belongs to the body and returns the rest. */
  take(bytes: Buffer): Buffer {
    const own = bytes.byteLength > this.#bytesLeft ? bytes.subarray(0, this.#bytesLeft) : bytes;
    this.#bytesLeft -= own.byteLength;
    if (!this.#isDiscarded) this.#buffer.append(own);
    this.#hold?.moved(own.byteLength);
    this.#wake();
    return bytes.subarray(own.byteLength);
  }

  /**
   * The whole body, once it is there. Charged as it arrives; it is small enough that its connection need not be paused
   * while there is no room.
   *
   * @throws KvError `bad_request` if the client goes away before, and the error with which the request gives way
   */
  async whole(hold: Hold): Promise<Buffer> {
    this.#hold = hold;
    try {
      for (let charged = 0; ; ) {
        const bytes = this.#buffer.capacity - charged;
        charged += bytes;
        await hold.charge(bytes);
        if (this.isWhole) return this.#buffer.take();
        if (this.#failure !== null) throw this.#failure;
        await new Promise<void>((resolve, reject) => {
          this.#wake = resolve;
          hold.waitsForClient(reject);
        });
      }
    } catch (error) {
      if (!this.isWhole) this.#failure ??= error as KvError;
      throw error;
    } finally {
      hold.waitsForClient(null);
    }
  }

  /** The request was answered: what still comes of the body is counted and not kept. */
  discard(): void {
    this.#isDiscarded = true;
    this.#buffer.take();
  }

  /** The client sends no more. */
  cutOff(): void {
    this.refuse(cutOff());
  }

  /** Makes reading it throw `error`, unless it has come whole. */
  refuse(error: KvError): void {
    if (this.isWhole) return;
    this.#failure ??= error;
    this.#hold?.giveWay?.(this.#failure);
  }
}

function ignore(): void {}
