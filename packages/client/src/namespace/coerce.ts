/**
 * How Workers KV's runtime turns arguments into what it sends. Checked against workerd 1.20261117: the same
 * conversions in the same order, so that a program meets the same `TypeError`s.
 */

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/**
 * A number option as a signed 32-bit integer: truncated; what is no finite number is 0.
 *
 * @param max for an operation that Workers KV does not have, and that takes larger numbers
 */
export function int32(value: unknown, max = INT32_MAX): number {
  // Unary plus is ToNumber: it throws the engine's own TypeError for a BigInt or a symbol.
  const number = +(value as number);
  if (!Number.isFinite(number)) return 0;
  if (number < INT32_MIN || number > max) {
    throw new TypeError(`Value out of range. Must be between ${INT32_MIN} and ${max} (inclusive).`);
  }
  return Math.trunc(number) + 0;
}

/** {@link int32} for an option that may be left out. */
export function optionalInt32(value: unknown, max?: number): number | undefined {
  return value === undefined ? undefined : int32(value, max);
}

/** ToString, which unlike `String()` throws for a symbol. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : `${value as string}`;
}

/** A string option where `null` means "left out". */
export function optionalText(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : text(value);
}

/** An options argument: an object, or nothing. */
export function dictionary(value: unknown, wrong: string): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return NOTHING;
  if (typeof value !== "object" && typeof value !== "function") throw new TypeError(wrong);
  return value as Readonly<Record<string, unknown>>;
}

const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({});
