/** The bytes of one line or item, which may arrive in several chunks. Beyond `bytesMax` it keeps none of them. */
export class GatheredBytes {
  readonly #bytesMax: number;
  #parts: Uint8Array[] = [];
  #byteLength = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  get isTooLong(): boolean {
    return this.#byteLength > this.#bytesMax;
  }

  add(part: Uint8Array): void {
    this.#byteLength += part.byteLength;
    if (this.isTooLong) this.#parts = [];
    else if (part.byteLength > 0) this.#parts.push(part);
  }

  /** Returns the bytes and begins anew. `null` if there were too many. */
  take(): Buffer | null {
    const { isTooLong } = this;
    const parts = this.#parts;
    this.#parts = [];
    this.#byteLength = 0;
    if (isTooLong) return null;
    const [only] = parts;
    if (only === undefined || parts.length > 1) return Buffer.concat(parts);
    return Buffer.from(only.buffer, only.byteOffset, only.byteLength);
  }
}
