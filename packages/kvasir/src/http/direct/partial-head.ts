import { BodyBuffer } from "../body-buffer.js";
import { DIRECT_HEAD_BYTES_MAX } from "../limits.js";
import { latin1Of } from "./latin1.js";
import { BLANK_LINE, beginsPlain, hasForbiddenByte, PLAIN_BEGINNING_LENGTH } from "./request-head.js";

/**
 * The beginning of a head that was split across reads. Each byte is copied and searched once, so a head that
 * arrives byte by byte costs time and memory in proportion to its length.
 */
export class PartialHead {
  /** The time at which it began to arrive, by `performance.now()`. */
  readonly sinceMs = performance.now();
  readonly #buffer = new BodyBuffer();

  /** @returns whether it can be read now: it is complete, or it can no longer become a plain head */
  add(bytes: Buffer): boolean {
    const seen = this.#buffer.byteLength;
    this.#buffer.append(bytes);
    const held = this.#buffer.view();
    if (held.byteLength > DIRECT_HEAD_BYTES_MAX) return true;
    if (!beginsPlain(latin1Of(held.subarray(0, PLAIN_BEGINNING_LENGTH)))) return true;
    // A line break or an empty line may have begun before the new bytes, so a few older bytes are searched
    // again.
    if (held.indexOf(BLANK_LINE, Math.max(0, seen + 1 - BLANK_LINE.length), "latin1") !== -1) return true;
    return hasForbiddenByte(latin1Of(held.subarray(Math.max(0, seen - 1))));
  }

  take(): Buffer {
    return this.#buffer.take();
  }
}
