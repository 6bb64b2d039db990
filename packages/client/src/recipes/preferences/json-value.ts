import { KvError } from "../../namespace/errors.js";
import { PREFERENCES_DEPTH_MAX } from "./limits.js";

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;

/** Has own members only: it is never asked for what `Object.prototype` has. */
export interface JsonObject {
  [name: string]: JsonValue;
}

/**
 * A copy that JSON says without loss. `JSON.stringify` alone would make `null` of `NaN`, which in a merge patch means
 * "remove", and `{}` of a Map. Members that are `undefined` are left out, as JSON does.
 *
 * @throws KvError `value_invalid`, also for a member `__proto__`, which would change what the objects inherit
 */
export function jsonObject(value: unknown, what: string): JsonObject {
  if (isObject(value)) return copyObject(value, what, 1);
  throw invalid(what, "it is no object", "Pass an object of preferences.");
}

export function isObject(value: unknown): value is JsonObject {
  // By its tag rather than its prototype: a plain object of another realm has another one.
  return Object.prototype.toString.call(value) === "[object Object]";
}

function copy(value: unknown, where: string, depth: number): JsonValue {
  if (depth > PREFERENCES_DEPTH_MAX) {
    throw invalid(
      where,
      `it is more than ${PREFERENCES_DEPTH_MAX} levels deep`,
      "Pass a flatter object, without cycles.",
    );
  }
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((item, at) => copy(item, `${where}[${at}]`, depth + 1));
  if (isObject(value)) return copyObject(value, where, depth);
  throw invalid(
    where,
    `JSON has no form for ${typeof value === "number" ? value : Object.prototype.toString.call(value)}`,
    "Pass objects, arrays, strings, finite numbers, booleans and null.",
  );
}

function copyObject(value: object, where: string, depth: number): JsonObject {
  const result: JsonObject = {};
  for (const [name, member] of Object.entries(value)) {
    if (name === "__proto__") throw invalid(where, "it has a member __proto__", "Take that member out.");
    if (member !== undefined) result[name] = copy(member, `${where}.${name}`, depth + 1);
  }
  return result;
}

function invalid(where: string, reason: string, hint: string): KvError {
  return new KvError("value_invalid", `${where} cannot be kept: ${reason}.`, { hint });
}
