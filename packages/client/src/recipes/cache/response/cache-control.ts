/** The directives of a `Cache-Control` header, by name in lower case. */
export type Directives = ReadonlyMap<string, string | true>;

/**
 * Reads `Cache-Control` (RFC 9111, 5.2): names are case-insensitive, arguments tokens or quoted. Of a directive that
 * is there twice the first counts (4.2.1).
 */
export function directivesOf(header: string | null): Directives {
  const directives = new Map<string, string | true>();
  for (const [, name = "", quoted, token] of (header ?? "").matchAll(DIRECTIVE)) {
    const key = name.toLowerCase();
    if (!directives.has(key)) directives.set(key, quoted?.replace(/\\(.)/g, "$1") ?? token ?? true);
  }
  return directives;
}

const DIRECTIVE = /([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*)))?/g;

/**
 * A directive's seconds. What is no number counts as 0, so that what should be fresh for an unknown time is stale
 * (4.2.1); what is too large as the largest there is (1.2.2).
 *
 * @returns `undefined` when the directive is not there
 */
export function secondsOf(directives: Directives, name: string): number | undefined {
  const argument = directives.get(name);
  if (argument === undefined) return undefined;
  return typeof argument === "string" && /^\d+$/.test(argument) ? Math.min(Number(argument), 2 ** 31) : 0;
}
