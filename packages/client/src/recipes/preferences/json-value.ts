import { KvError } from "../../namespace/errors.js";
import { PREFERENCES_DEPTH_MAX } from "./limits.js";

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;

/** Only own members count. Members of `Object.prototype` are never read. */
export interface JsonObject {
  [name: string]: JsonValue;
}

/**
 * Copies a value, and rejects values that JSON cannot represent. `JSON.stringify` alone would turn
 * `NaN` into `null`, which means "remove" in a merge patch, and a Map into `{}`. Members that are
 * `undefined` are omitted, as in JSON.
 *
 * @throws KvError `value_invalid`, also for a member `__proto__`, which would change the prototype of objects
 */
export function jsonObject(value: unknown, what: string): JsonObject {
  if (isObject(value)) return copyObject(value, what, 1);
  throw invalid(what, "it is no object", "Pass an object of preferences.");
}

export function isObject(value: unknown): value is JsonObject {
  // Checks the tag instead of the prototype, which differs for a plain object of another realm.
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
