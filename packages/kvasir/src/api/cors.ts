import type { FlatHeaders } from "../http/exchange.js";
import type { RequestHead } from "../http/request.js";

/** How long a browser may remember that a request is allowed, in seconds. Browsers bound it themselves. */
const MAX_AGE_SECONDS = 86_400;

/**
 * Lets pages of other sites call the API from a browser (https://fetch.spec.whatwg.org/#http-cors-protocol).
 * Pages send their token in `Authorization`. Cookies play no part, so credentials are never allowed.
 */
export class Cors {
  readonly #origins: ReadonlySet<string>;
  readonly #any: boolean;

  /** @param origins `https://app.example.com` and the like, or `*` for every site */
  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins);
    this.#any = this.#origins.has("*");
  }

  allows(origin: string): boolean {
    return this.#any || this.#origins.has(origin);
  }

  /** The headers of every response, errors included. Without them the page learns nothing of the response. */
  headers({ headers: { origin } }: RequestHead): FlatHeaders {
    const vary = this.#any ? [] : ["Vary", "Origin"];
    if (origin === undefined || !this.allows(origin)) return vary;
    const allowed = this.#any ? "*" : origin;
    return [...vary, "Access-Control-Allow-Origin", allowed, "Access-Control-Expose-Headers", "*"];
  }

  /** The headers by which a browser asks whether it may send a request. `null` for any other request. */
  preflight({ method, headers }: RequestHead, allowedMethods: string): FlatHeaders | null {
    const { origin } = headers;
    if (method !== "OPTIONS" || origin === undefined || !this.allows(origin)) return null;
    if (headers["access-control-request-method"] === undefined) return null;
    const asked = headers["access-control-request-headers"];
    return [
      "Access-Control-Allow-Methods",
      allowedMethods,
      // Not "*", which does not include Authorization.
      ...(typeof asked === "string" ? ["Access-Control-Allow-Headers", asked] : []),
      "Access-Control-Max-Age",
      String(MAX_AGE_SECONDS),
    ];
  }
}
