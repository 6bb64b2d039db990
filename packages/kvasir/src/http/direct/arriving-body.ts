import type { KvError } from "@kvasir/client/namespace";
import { BodyBuffer } from "../body-buffer.js";
import { cutOff } from "../body-errors.js";
import type { Hold } from "../hold.js";

/** The body of a request whose head was accepted before all of its body had arrived. */
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

  /** Whether the rest of the body will not be read. */
  get isCutOff(): boolean {
    return this.#failure !== null;
  }

  get isWhole(): boolean {
    return this.#bytesLeft === 0;
  }

  /** Takes the bytes that belong to the body and returns the rest. */
  take(bytes: Buffer): Buffer {
    const own = bytes.byteLength > this.#bytesLeft ? bytes.subarray(0, this.#bytesLeft) : bytes;
    this.#bytesLeft -= own.byteLength;
    if (!this.#isDiscarded) this.#buffer.append(own);
    this.#hold?.moved(own.byteLength);
    this.#wake();
    return bytes.subarray(own.byteLength);
  }

  /**
   * Resolves with the whole body once it has arrived. The bytes are charged as they arrive. The body is so
   * small that the connection is not paused while there is no room.
   *
   * @throws KvError `bad_request` if the client disconnects before, or the error for which the request was
   * ended
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

  /** The response has been sent. Further bytes of the body are counted but not kept. */
  discard(): void {
    this.#isDiscarded = true;
    this.#buffer.take();
  }

  /** The client sends no more bytes. */
  cutOff(): void {
    this.refuse(cutOff());
  }

  /** Makes reading the body throw `error`, unless it has arrived completely. */
  refuse(error: KvError): void {
    if (this.isWhole) return;
    this.#failure ??= error;
    this.#hold?.giveWay?.(this.#failure);
  }
}

function ignore(): void {}
