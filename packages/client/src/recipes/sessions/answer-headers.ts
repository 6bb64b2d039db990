/** Headers that speak to shared caches alone (RFC 9213, and those that came before it). */
export const SHARED_CACHE_HEADERS = [
  "CDN-Cache-Control",
  "Cloudflare-CDN-Cache-Control",
  "Surrogate-Control",
];

/** Directives that let a shared cache keep a response, or speak to such a cache alone. */
const SHARED = /^(?:public|s-maxage|proxy-revalidate|private)\b/i;

/**
 * The Cache-Control of a response that depends on a session, or carries its cookie: always `private`, for a shared cache
 * would show it to others (RFC 9111, section 7.3). What it says to the browser's own cache stays.
 *
 * @param current what the handler chose
 */
export function sessionCacheControl(current: string | null | undefined): string {
  const chosen = current ?? "";
  if (/(^|,)\s*(private|no-store)\s*(,|$)/i.test(chosen)) return chosen;
  const directives = chosen.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  const kept = directives.map((directive) => directive.trim()).filter((directive) => !SHARED.test(directive));
  return ["private", ...kept].filter((directive) => directive !== "").join(", ");
}

/** The Vary of an answer that depends on a cookie. */
export function varyOnCookie(current: string | null | undefined): string {
  const chosen = current ?? "";
  const names = chosen.split(",").map((name) => name.trim().toLowerCase());
  if (names.includes("*") || names.includes("cookie")) return chosen;
  return chosen.trim() === "" ? "Cookie" : `${chosen}, Cookie`;
}
