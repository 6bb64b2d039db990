/**
 * `key` behind `prefix`; no separator is added.
 *
 * @example prefixKey("user:", "alice"); // "user:alice"
 */
export function prefixKey(prefix: string | undefined, key: string): string {
  return (prefix ?? "") + key;
}

/**
 * `key` without `prefix`, once; a key that does not begin with it is returned as it is.
 *
 * @example stripPrefix("user:", "user:alice"); // "alice"
 */
export function stripPrefix(prefix: string | undefined, key: string): string {
  return prefix && key.startsWith(prefix) ? key.slice(prefix.length) : key;
}

/** Two prefixes as one; `undefined` when there is neither. */
export function combinePrefixes(outer: string | undefined, inner: string | undefined): string | undefined {
  return prefixKey(outer, inner ?? "") || undefined;
}
