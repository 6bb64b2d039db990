export interface CookieOptions {
  readonly path?: string;
  readonly domain?: string;
  /** In milliseconds. */
  readonly maxAge?: number;
  readonly expires?: Date;
  readonly httpOnly?: boolean;
  readonly secure?: boolean;
  readonly sameSite?: boolean | string;
  /** @default encodeURIComponent */
  readonly encode?: (value: string) => string;
}

/**
 * Parses the cookies of a request. The later one of two equal names wins. Invalid
 * percent-encoding stays as it is.
 */
export function parseCookies(header: string | null): Record<string, string> {
  // No prototype, because a cookie may be called __proto__.
  const cookies: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const part of (header ?? "").split(";")) {
    const equals = part.indexOf("=");
    if (equals === -1) continue;
    const value = part.slice(equals + 1).trim();
    cookies[part.slice(0, equals).trim()] = decoded(value.replace(/^"(.*)"$/s, "$1"));
  }
  return cookies;
}

/**
 * Renders a Set-Cookie header. `maxAge` wins over `expires`. An object as value becomes `j:` and its JSON.
 *
 * @throws TypeError for a name or attribute that would break out of its place in the header
 */
export function setCookie(name: string, value: unknown, options: CookieOptions = {}): string {
  if (!/^[\w!#$%&'*.^`|~+-]+$/.test(name)) throw new TypeError(`"${name}" cannot be the name of a cookie.`);
  const {
    path = "/",
    domain,
    maxAge,
    expires,
    httpOnly,
    secure,
    sameSite,
    encode = encodeURIComponent,
  } = options;
  const text = typeof value === "object" && value !== null ? `j:${JSON.stringify(value)}` : String(value);
  const parts = [`${name}=${encode(text)}`, `Path=${attribute(path)}`];
  if (domain !== undefined) parts.push(`Domain=${attribute(domain)}`);
  if (maxAge !== undefined && maxAge !== null) {
    const seconds = Math.floor(Number(maxAge) / 1000);
    if (Number.isNaN(seconds)) throw new TypeError("A cookie's maxAge is a number of milliseconds.");
    parts.push(`Max-Age=${seconds}`, `Expires=${new Date(Date.now() + Number(maxAge)).toUTCString()}`);
  } else if (expires !== undefined) {
    parts.push(`Expires=${new Date(expires).toUTCString()}`);
  }
  if (httpOnly === true) parts.push("HttpOnly");
  if (secure === true) parts.push("Secure");
  if (sameSite === true) parts.push("SameSite=Strict");
  else if (typeof sameSite === "string") parts.push(`SameSite=${attribute(sameSite)}`);
  return parts.join("; ");
}

function attribute(text: string): string {
  if (/[;\r\n\0]/.test(text)) throw new TypeError(`${JSON.stringify(text)} cannot be a cookie's attribute.`);
  return text;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
