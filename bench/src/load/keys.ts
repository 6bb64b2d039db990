import { SMALL_VALUE_BYTES } from "../core/limits.js";

/** Names that sort in numeric order. */
export function keyName(index: number): string {
  return `key:${String(index).padStart(8, "0")}`;
}

/** Text of 100 bytes that differs from key to key. */
export function smallValue(index: number): string {
  return `value ${index} `.padEnd(SMALL_VALUE_BYTES, "abcdefghijklmnopqrstuvwxyz");
}

/**
 * Key numbers in an order that no cache can predict, the same in every process (xorshift32 with a fixed
 * seed). Long enough that a round does not repeat a short pattern, and short enough to make quickly.
 */
export function randomIndexes(below: number, length = 1 << 17): Uint32Array {
  let state = 0x9e3779b9;
  return Uint32Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  });
}
