/**
 * Puts `prefix` before `key`. No separator is added.
 *
 * @example prefixKey("user:", "alice"); // "user:alice"
 */
export function prefixKey(prefix: string | undefined, key: string): string {
  return (prefix ?? "") + key;
}

/**
 * Removes `prefix` from `key` once. A key without the prefix is returned unchanged.
 *
 * @example stripPrefix("user:", "user:alice"); // "alice"
 */
export function stripPrefix(prefix: string | undefined, key: string): string {
  return prefix && key.startsWith(prefix) ? key.slice(prefix.length) : key;
}

/** Combines two prefixes. `undefined` if both are missing. */
export function combinePrefixes(outer: string | undefined, inner: string | undefined): string | undefined {
  return prefixKey(outer, inner ?? "") || undefined;
}
