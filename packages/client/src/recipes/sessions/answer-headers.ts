/**
 * The Cache-Control of an answer that depends on a session: `private`, unless the handler chose another. One that carries
 * a session's cookie is for nobody else whatever it chose: a shared cache that kept it would hand the session to
 * strangers (RFC 9111, section 7.3).
 *
 * @param current what the handler chose
 */
export function sessionCacheControl(current: string | null | undefined, carriesCookie: boolean): string {
  const chosen = current ?? "";
  if (chosen === "") return "private";
  const sharesNothing = /(^|,)\s*(private|no-store)\s*(,|$)/i.test(chosen);
  return carriesCookie && !sharesNothing ? "private" : chosen;
}

/** The Vary of an answer that depends on a cookie. */
export function varyOnCookie(current: string | null | undefined): string {
  const chosen = current ?? "";
  const names = chosen.split(",").map((name) => name.trim().toLowerCase());
  if (names.includes("*") || names.includes("cookie")) return chosen;
  return chosen.trim() === "" ? "Cookie" : `${chosen}, Cookie`;
}
