import { BodyBuffer } from "../body-buffer.js";
import { DIRECT_HEAD_BYTES_MAX } from "../limits.js";
import { latin1Of } from "./latin1.js";
import { BLANK_LINE, beginsPlain, hasForbiddenByte, PLAIN_BEGINNING_LENGTH } from "./request-head.js";

/**
 * The beginning of a head that a read has split. Each byte is copied and searched once, so that a head which arrives
 * byte by byte costs no more than its length, in time and in memory.
 */
export class PartialHead {
  /** When it began to arrive, by `performance.now()`. */
  readonly sinceMs = performance.now();
  readonly #buffer = new BodyBuffer();

  /** @returns whether it can be read now: it is whole, or it cannot become a plain head any more */
  add(bytes: Buffer): boolean {
    const seen = this.#buffer.byteLength;
    this.#buffer.append(bytes);
    const held = this.#buffer.view();
    if (held.byteLength > DIRECT_HEAD_BYTES_MAX) return true;
    if (!beginsPlain(latin1Of(held.subarray(0, PLAIN_BEGINNING_LENGTH)))) return true;
    // What a line break or an empty line has before the new bytes is looked at again.
    if (held.indexOf(BLANK_LINE, Math.max(0, seen + 1 - BLANK_LINE.length), "latin1") !== -1) return true;
    return hasForbiddenByte(latin1Of(held.subarray(Math.max(0, seen - 1))));
  }

  take(): Buffer {
    return this.#buffer.take();
  }
}
