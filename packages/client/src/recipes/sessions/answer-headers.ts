/** Headers for shared caches only (RFC 9213 and its predecessors). */
export const SHARED_CACHE_HEADERS = [
  "CDN-Cache-Control",
  "Cloudflare-CDN-Cache-Control",
  "Surrogate-Control",
];

/** Directives that allow a shared cache to store a response, or that concern only shared caches. */
const SHARED = /^(?:public|s-maxage|proxy-revalidate|private)\b/i;

/**
 * The Cache-Control of a response that depends on a session or carries its cookie. It is always
 * `private`, because a shared cache would show the response to other users (RFC 9111, section 7.3).
 * Directives for the browser's own cache stay.
 *
 * @param current the handler's value
 */
export function sessionCacheControl(current: string | null | undefined): string {
  const chosen = current ?? "";
  if (isPrivate(chosen)) return chosen;
  const directives = chosen.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  const kept = directives.map((directive) => directive.trim()).filter((directive) => !SHARED.test(directive));
  return ["private", ...kept].filter((directive) => directive !== "").join(", ");
}

/** Whether this Cache-Control keeps a response out of shared caches. */
export function isPrivate(cacheControl: string): boolean {
  return /(^|,)\s*(private|no-store)\s*(,|$)/i.test(cacheControl);
}

/** The Vary of a response that depends on a cookie. */
export function varyOnCookie(current: string | null | undefined): string {
  const chosen = current ?? "";
  const names = chosen.split(",").map((name) => name.trim().toLowerCase());
  if (names.includes("*") || names.includes("cookie")) return chosen;
  return chosen.trim() === "" ? "Cookie" : `${chosen}, Cookie`;
}
