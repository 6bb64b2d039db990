/**
 * The Cache-Control of an answer that depends on a session. One that carries a session's cookie is for nobody else: a
 * shared cache that kept it would hand the session to strangers (RFC 9111, section 7.3), so that a `public` gives way.
 *
 * @param current what the handler chose
 */
export function sessionCacheControl(current: string | null | undefined, carriesCookie: boolean): string {
  const chosen = current ?? "";
  if (!carriesCookie) return chosen === "" ? "private" : chosen;
  return /(^|,)\s*(private|no-store)\s*(,|$)/i.test(chosen) ? chosen : "no-store";
}

/** The Vary of an answer that depends on a cookie. */
export function varyOnCookie(current: string | null | undefined): string {
  const chosen = current ?? "";
  const names = chosen.split(",").map((name) => name.trim().toLowerCase());
  if (names.includes("*") || names.includes("cookie")) return chosen;
  return chosen.trim() === "" ? "Cookie" : `${chosen}, Cookie`;
}
