/** The directives of a `Cache-Control` header, by name in lower case. */
export type Directives = ReadonlyMap<string, string | true>;

/**
 * Parses `Cache-Control` (RFC 9111, 5.2). Names are case-insensitive, arguments are tokens or quoted strings.
 * If a directive is repeated, the first one counts (4.2.1).
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
 * The seconds of a directive. An invalid number counts as 0, so that the response is stale (4.2.1). A number
 * that is too large counts as the largest possible (1.2.2).
 *
 * @returns `undefined` if the directive is missing
 */
export function secondsOf(directives: Directives, name: string): number | undefined {
  const argument = directives.get(name);
  if (argument === undefined) return undefined;
  return typeof argument === "string" && /^\d+$/.test(argument) ? Math.min(Number(argument), 2 ** 31) : 0;
}
