import { notIntegerError } from "../../store/errors.js";
import type { StagedValue } from "../../store/write.js";

/** The number that a key holds, or `null` if there is no entry. */
export type Counter = number | "not a counter" | null;

/** The digits of the longest safe integer, including the sign. */
const TEXT_BYTES_MAX = 17;

/** A counter is stored as decimal text. */
export function counterOf(value: Uint8Array | StagedValue): Counter {
  if (!(value instanceof Uint8Array) || value.length > TEXT_BYTES_MAX) return "not a counter";
  const text = Buffer.from(value).toString("latin1");
  const number = Number(text);
  return /^-?\d+$/.test(text) && Number.isSafeInteger(number) ? number : "not a counter";
}

/** @throws KvError `value_not_integer` */
export function raised(counter: Counter, by: number): number {
  const sum = counter === "not a counter" ? Number.NaN : (counter ?? 0) + by;
  if (Number.isSafeInteger(sum)) return sum === 0 ? 0 : sum;
  throw notIntegerError(by, counter !== "not a counter");
}
