import { GatheredBytes } from "./gathered-bytes.js";

/** Called with each line, without its line break, and its number. `null`: it was too long to be kept. */
export type TakeText = (bytes: Buffer | null, number: number) => void;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Splits bytes that arrive in chunks into lines. Leaves out blank lines, which count all the same. */
export class LineSplitter {
  readonly unit = "line";
  readonly #take: TakeText;
  readonly #line: GatheredBytes;
  #number = 0;

  constructor(take: TakeText, lineBytesMax: number) {
    this.#take = take;
    this.#line = new GatheredBytes(lineBytesMax);
  }

  /** Bytes of an unfinished line, which are in memory. */
  get heldBytes(): number {
    return this.#line.byteLength;
  }

  write(chunk: Uint8Array): void {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      this.#line.add(chunk.subarray(start, end));
      this.#finish();
      start = end + 1;
    }
    this.#line.add(chunk.subarray(start));
  }

  end(): void {
    if (this.#line.byteLength > 0) this.#finish();
  }

  #finish(): void {
    const bytes = this.#line.take();
    this.#number++;
    const line = bytes?.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes;
    if (line === null || !isBlank(line)) this.#take(line, this.#number);
  }
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09);
}
