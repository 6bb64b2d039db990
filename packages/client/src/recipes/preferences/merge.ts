import { isObject, type JsonObject, type JsonValue } from "./json-value.js";

/**
 * JSON Merge Patch: members replace, `null` removes, objects are patched
 * recursively, arrays are replaced whole.
 *
 * @see RFC 7396, section 2
 */
export function mergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isObject(patch)) return patch;
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const [name, change] of Object.entries(patch)) {
    if (change === null) delete result[name];
    else result[name] = mergePatch(member(result, name), change);
  }
  return result;
}

/** Overlays `base` with `over`, objects member by member. Here `null` is an ordinary value. */
export function overlay(base: JsonValue | undefined, over: JsonValue): JsonValue {
  if (!isObject(base) || !isObject(over)) return over;
  const result: JsonObject = { ...base };
  for (const [name, value] of Object.entries(over)) result[name] = overlay(member(base, name), value);
  return result;
}

/** `target` without the member at the path. Unchanged if there is none. */
export function without(target: JsonObject, path: readonly string[]): JsonObject {
  const [name, ...rest] = path;
  if (name === undefined || !Object.hasOwn(target, name)) return target;
  const { [name]: removed, ...others } = target;
  if (rest.length === 0) return others;
  return isObject(removed) ? { ...target, [name]: without(removed, rest) } : target;
}

// Inherited members such as `constructor` are not preferences.
function member(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
