import { assertKnownOptions } from "../known-options.js";
import type { OptionNames } from "../option-names.js";
import { type CookieAttributes, parseCookies, serializeCookie } from "./cookie.js";
import { COOKIE_MAX_AGE_SECONDS_MAX } from "./limits.js";

/** The cookie that carries a session's id. */
export interface SessionCookieOptions extends Omit<CookieAttributes, "maxAgeSeconds"> {
  /**
   * With `__Host-` browsers make sure that only this host, over HTTPS, has set it.
   *
   * @default "__Host-session"; "__Secure-session" with a domain or a path; "session" without `secure`
   */
  readonly name?: string | undefined;
  /** Whether it outlives the browser, for as long as the session does. @default true */
  readonly persistent?: boolean | undefined;
}

/** Reads and writes that cookie. */
export class SessionCookie {
  readonly #name: string;
  readonly #attributes: CookieAttributes;
  readonly #persistent: boolean;

  /** @throws KvError `option_invalid` for a cookie that browsers would not take */
  constructor(options: SessionCookieOptions = {}) {
    assertKnownOptions("cookie", options, OPTION_NAMES);
    const { name, persistent = true, ...attributes } = options;
    this.#name = name ?? defaultName(attributes);
    this.#attributes = attributes;
    this.#persistent = persistent;
    // Now, not at the first login.
    this.clear();
  }

  /** The id that a request's Cookie header brings. */
  read(header: string | null | undefined): string | undefined {
    return parseCookies(header).get(this.#name);
  }

  /** The Set-Cookie header that gives a browser the id. */
  issue(id: string, idleSeconds: number): string {
    const maxAgeSeconds = this.#persistent ? Math.min(idleSeconds, COOKIE_MAX_AGE_SECONDS_MAX) : undefined;
    return serializeCookie(this.#name, id, { ...this.#attributes, maxAgeSeconds });
  }

  /** The Set-Cookie header that takes it away. */
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
