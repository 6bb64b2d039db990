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

/**
 * The type of a value after it was stored as JSON and read back: a `Date` is a string, functions and
 * `undefined` are missing.
 */
export type JsonOf<Value> = unknown extends Value
  ? Value
  : Value extends string | number | boolean | null
    ? Value
    : Value extends { toJSON(): infer Json }
      ? JsonOf<Json>
      : Value extends NotInJson
        ? never
        : Value extends readonly unknown[]
          ? { -readonly [At in keyof Value]: Value[At] extends NotInJson ? null : JsonOf<Value[At]> }
          : {
              -readonly [Name in keyof Value as Name extends symbol
                ? never
                : Value[Name] extends NotInJson
                  ? never
                  : Name]: undefined extends Value[Name]
                ? JsonOf<Exclude<Value[Name], NotInJson>> | undefined
                : JsonOf<Value[Name]>;
            };

type NotInJson = ((...args: never) => unknown) | symbol | bigint | undefined;
