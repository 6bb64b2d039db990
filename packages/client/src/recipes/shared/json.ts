import { KvError } from "../../namespace/errors.js";

/**
 * Serializes a value as JSON, and rejects a value that JSON would lose.
 *
 * @throws KvError `value_invalid` for a value that JSON cannot represent:
 *   `undefined`, functions, BigInt, cycles
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
