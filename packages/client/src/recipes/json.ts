import { KvError } from "../namespace/errors.js";

/**
 * A value as JSON text, without losing anything silently at its top.
 *
 * @throws KvError `value_invalid` for what JSON cannot say: `undefined`, functions, BigInt, cycles
 */
export function jsonText(value: unknown, what: string): string {
  let text: string | undefined;
  let cause: unknown;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    cause = error;
  }
  if (text !== undefined) return text;
  throw new KvError("value_invalid", `${what} cannot be stored: JSON has no form for it.`, {
    hint: "Pass objects, arrays, strings, finite numbers, booleans and null, without cycles.",
    cause,
  });
}
