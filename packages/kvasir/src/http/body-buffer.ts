import { BODY_BUFFER_BYTES_MIN } from "./limits.js";

/**
 * Bytes that arrive in parts, copied into one buffer that grows by doubling.
 *
 * A list of the parts would take about 130 bytes for each part, even for a part of a single byte.
 *
 * @example
 * const body = new BodyBuffer(declaredBytes);
 * body.append(chunk);
 * body.take();
 */
export class BodyBuffer {
  readonly #bytesMax: number;
  #bytes: Buffer = NOTHING;
  #byteLength = 0;

  /** @param bytesMax The most bytes that will be appended. The buffer never grows beyond it. */
  constructor(bytesMax = Number.POSITIVE_INFINITY) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes that have arrived. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Bytes of memory held: at most twice what has arrived, or `BODY_BUFFER_BYTES_MIN`. */
  get capacity(): number {
    return this.#bytes.byteLength;
  }

  /**
   * The capacity after another `byteLength` bytes are appended, so that the memory can be charged in advance.
   */
  capacityWith(byteLength: number): number {
    const needed = this.#byteLength + byteLength;
    if (needed <= this.capacity) return this.capacity;
    // At least doubled, so that each byte is copied twice on average.
    const wanted = Math.max(needed, this.capacity * 2, BODY_BUFFER_BYTES_MIN);
    return Math.max(needed, Math.min(wanted, this.#bytesMax));
  }

  append(part: Uint8Array): void {
    const capacity = this.capacityWith(part.byteLength);
    if (capacity > this.capacity) {
      // `allocUnsafeSlow` does not use the shared pool, of which a small part would keep the whole.
      const grown = Buffer.allocUnsafeSlow(capacity);
      this.#bytes.copy(grown, 0, 0, this.#byteLength);
      this.#bytes = grown;
    }
    this.#bytes.set(part, this.#byteLength);
    this.#byteLength += part.byteLength;
  }

  /** The bytes that have arrived, as a view. The next `append` may replace the underlying buffer. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#byteLength);
  }

  /** Returns the bytes that have arrived and empties the buffer, which can be used again. */
  take(): Buffer {
    const taken = this.view();
    this.#bytes = NOTHING;
    this.#byteLength = 0;
    return taken;
  }
}

const NOTHING = Buffer.alloc(0);
