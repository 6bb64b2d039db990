import { cutOff } from "../body.js";
import { BodyBuffer } from "../body-buffer.js";

interface Reader {
  resolve(body: Buffer): void;
  reject(error: unknown): void;
}

/** The body of a request whose head was taken before all of its body had come. */
export class ArrivingBody {
  readonly #buffer: BodyBuffer;
  #bytesLeft: number;
  #reader: Reader | null = null;
  #isDiscarded = false;
  #isCutOff = false;

  constructor(byteLength: number) {
    this.#buffer = new BodyBuffer(byteLength);
    this.#bytesLeft = byteLength;
  }

  /** Whether the client has gone, or sends no more. */
  get isCutOff(): boolean {
    return this.#isCutOff;
  }

  get isWhole(): boolean {
    return this.#bytesLeft === 0;
  }

  /** Takes what belongs to the body and returns the rest. */
  take(bytes: Buffer): Buffer {
    const own = bytes.byteLength > this.#bytesLeft ? bytes.subarray(0, this.#bytesLeft) : bytes;
    this.#bytesLeft -= own.byteLength;
    if (!this.#isDiscarded) this.#buffer.append(own);
    if (this.isWhole && this.#reader !== null) this.#reader.resolve(this.#buffer.take());
    return bytes.subarray(own.byteLength);
  }

  /**
   * The whole body, once it is there.
   *
   * @throws KvError `bad_request` if the client goes away before
   */
  whole(): Promise<Buffer> {
    if (this.isWhole) return Promise.resolve(this.#buffer.take());
    if (this.#isCutOff) return Promise.reject(cutOff());
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  /** The request was answered: what still comes of the body is counted and not kept. */
  discard(): void {
    this.#isDiscarded = true;
    this.#buffer.take();
  }

  /** The client sends no more. */
  cutOff(): void {
    if (this.isWhole) return;
    this.#isCutOff = true;
    this.#reader?.reject(cutOff());
  }
}
