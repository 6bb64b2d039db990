import { assertKnownOptions } from "../shared/known-options.js";
import type { OptionNames } from "../shared/option-names.js";
import { type CookieAttributes, parseCookies, serializeCookie } from "./cookie.js";
import { COOKIE_MAX_AGE_SECONDS_MAX } from "./limits.js";

/** Options of the cookie that carries a session's id. */
export interface SessionCookieOptions extends Omit<CookieAttributes, "maxAgeSeconds"> {
  /**
   * With the prefix `__Host-` browsers guarantee that this host has set the cookie over HTTPS.
   *
   * @default "__Host-session"; "__Secure-session" with a domain or a path; "session" without `secure`
   */
  readonly name?: string | undefined;
  /** Whether the cookie survives a restart of the browser, for as long as the session lives. @default true */
  readonly persistent?: boolean | undefined;
}

/** Reads and writes the cookie of sessions. */
export class SessionCookie {
  readonly #name: string;
  readonly #attributes: CookieAttributes;
  readonly #persistent: boolean;

  /** @throws KvError `option_invalid` for a cookie that browsers would reject */
  constructor(options: SessionCookieOptions = {}) {
    assertKnownOptions("cookie", options, OPTION_NAMES);
    const { name, persistent = true, ...attributes } = options;
    this.#name = name ?? defaultName(attributes);
    this.#attributes = attributes;
    this.#persistent = persistent;
    // Checks the options now instead of at the first login.
    this.clear();
  }

  /** The session's id in a request's Cookie header. */
  read(header: string | null | undefined): string | undefined {
    return parseCookies(header).get(this.#name);
  }

  /**
   * The Set-Cookie header with the session's id.
   *
   * @param persistent the session's own choice
   */
  issue(id: string, idleSeconds: number, persistent = this.#persistent): string {
    const maxAgeSeconds = persistent ? Math.min(idleSeconds, COOKIE_MAX_AGE_SECONDS_MAX) : undefined;
    return serializeCookie(this.#name, id, { ...this.#attributes, maxAgeSeconds });
  }

  /** The Set-Cookie header that deletes the cookie. */
  clear(): string {
    return serializeCookie(this.#name, "", { ...this.#attributes, maxAgeSeconds: 0 });
  }
}

const OPTION_NAMES: OptionNames<SessionCookieOptions> = {
  name: true,
  persistent: true,
  path: true,
  domain: true,
  httpOnly: true,
  secure: true,
  sameSite: true,
  partitioned: true,
};

function defaultName({ path = "/", domain, secure = true }: CookieAttributes): string {
  if (!secure) return "session";
  return path === "/" && domain === undefined ? "__Host-session" : "__Secure-session";
}
