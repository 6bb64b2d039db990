import { KvError } from "../../namespace/errors.js";
import { wholeNumber } from "../shared/options.js";
import { COOKIE_ATTRIBUTE_BYTES_MAX, COOKIE_BYTES_MAX, COOKIE_MAX_AGE_SECONDS_MAX } from "./limits.js";

/** Attributes of a cookie. The defaults are the most restrictive ones. */
export interface CookieAttributes {
  /** @default "/" */
  readonly path?: string | undefined;
  /** A host name. Its subdomains get the cookie too. @default none: only this host */
  readonly domain?: string | undefined;
  /** In seconds, at most 400 days. 0 deletes the cookie. @default none: until the browser is closed */
  readonly maxAgeSeconds?: number | undefined;
  /** Hides the cookie from scripts. @default true */
  readonly httpOnly?: boolean | undefined;
  /** Sends the cookie only over HTTPS and to the local machine. @default true */
  readonly secure?: boolean | undefined;
  /** @default "Lax" */
  readonly sameSite?: "Strict" | "Lax" | "None" | undefined;
  /** Uses a separate cookie jar for each site that embeds this one. @default false */
  readonly partitioned?: boolean | undefined;
}

// RFC 6265bis, section 4.1.1: a token, and cookie-octets.
const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;
// No control characters and no ";", which would start another attribute.
const PATH = /^\/[\x20-\x3a\x3c-\x7e]*$/;
const DOMAIN = /^[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i;

/**
 * Renders a Set-Cookie header that browsers interpret as intended.
 *
 * @throws KvError `option_invalid` for a cookie that browsers would ignore, truncate or misread
 * @see https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html
 */
export function serializeCookie(name: string, value: string, attributes: CookieAttributes = {}): string {
  const { path = "/", domain, maxAgeSeconds, httpOnly = true, secure = true } = attributes;
  const { sameSite = "Lax", partitioned = false } = attributes;
  checkName(name);
  if (typeof value !== "string" || !VALUE.test(value)) {
    throw invalid(
      name,
      "its value has characters that a cookie cannot carry",
      "Encode it, as with base64url.",
    );
  }
  if (name.length + value.length > COOKIE_BYTES_MAX) {
    throw invalid(
      name,
      `it is longer than ${COOKIE_BYTES_MAX} bytes`,
      "Keep the data in the store, and its id here.",
    );
  }
  if (!PATH.test(path) || path.length > COOKIE_ATTRIBUTE_BYTES_MAX) {
    throw invalid(name, `${JSON.stringify(path)} is no path`, 'Pass a path that begins with "/".');
  }
  if (domain !== undefined && (!DOMAIN.test(domain) || domain.length > COOKIE_ATTRIBUTE_BYTES_MAX)) {
    throw invalid(
      name,
      `${JSON.stringify(domain)} is no host name`,
      "Pass one such as example.com, without a dot before it.",
    );
  }
  if (!["Strict", "Lax", "None"].includes(sameSite)) {
    throw invalid(name, `${JSON.stringify(sameSite)} is no SameSite`, 'Pass "Strict", "Lax" or "None".');
  }
  checkRules(name, { path, domain, secure, sameSite, partitioned });
  const parts = [`${name}=${value}`, `Path=${path}`];
  if (domain !== undefined) parts.push(`Domain=${domain}`);
  if (maxAgeSeconds !== undefined) {
    parts.push(
      `Max-Age=${wholeNumber("maxAgeSeconds", maxAgeSeconds, { min: 0, max: COOKIE_MAX_AGE_SECONDS_MAX })}`,
    );
  }
  if (httpOnly) parts.push("HttpOnly");
  if (secure) parts.push("Secure");
  parts.push(`SameSite=${sameSite}`);
  if (partitioned) parts.push("Partitioned");
  return parts.join("; ");
}

/**
 * Parses the cookies of a request. Of several cookies with one name the first one counts, because browsers
 * send the one with the longest path first. Values are not decoded. A part without "=" is not a cookie.
 */
export function parseCookies(header: string | null | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const part of (header ?? "").split(";")) {
    const equals = part.indexOf("=");
    if (equals === -1) continue;
    const name = part.slice(0, equals).trim();
    if (!cookies.has(name)) cookies.set(name, part.slice(equals + 1).trim());
  }
  return cookies;
}

interface Ruled {
  readonly path: string;
  readonly domain: string | undefined;
  readonly secure: boolean;
  readonly sameSite: string;
  readonly partitioned: boolean;
}

/** The rules of section 5.7, under which browsers drop a cookie. Name prefixes are case-insensitive. */
function checkRules(name: string, { path, domain, secure, sameSite, partitioned }: Ruled): void {
  const host = /^__Host-/i.test(name);
  const needSecure = [
    [host || /^__Secure-/i.test(name), "a name with this prefix"],
    [sameSite === "None", "SameSite=None"],
    [partitioned, "Partitioned"],
  ] as const;
  for (const [applies, what] of needSecure) {
    if (applies && !secure) throw invalid(name, `${what} needs Secure`, "Leave `secure` at true.");
  }
  if (host && (path !== "/" || domain !== undefined)) {
    throw invalid(
      name,
      "the prefix __Host- needs the path / and no domain",
      "Leave both out, or choose another name.",
    );
  }
}

function checkName(name: string): void {
  if (typeof name === "string" && NAME.test(name)) return;
  throw invalid(name, "its name has characters that a name cannot have", "Use letters, digits, - and _.");
}

function invalid(name: string, reason: string, hint: string): KvError {
  return new KvError("option_invalid", `The cookie ${JSON.stringify(name)} cannot be sent: ${reason}.`, {
    hint,
  });
}
