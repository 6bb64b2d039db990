import { EventEmitter } from "node:events";
import Negotiator from "negotiator";
import parseRange, { type Ranges } from "range-parser";
import { CLIENT_HEADER } from "../../src/wire/request-facts.js";
import { parseForm } from "./body.js";
import { parseCookies } from "./cookies.js";
import { matchingType, mediaTypeOf } from "./media-type.js";

/**
 * Express's request. It is an EventEmitter for programs that listen, but `body` already holds the whole body.
 */
export class ExpressRequest extends EventEmitter {
  readonly method: string;
  /** Path and query. A mounted router removes the prefix that it is mounted at. */
  url: string;
  readonly originalUrl: string;
  path: string;
  baseUrl = "";
  readonly query: Record<string, unknown>;
  /** By lower-case name. */
  readonly headers: Record<string, string>;
  readonly cookies: Record<string, string>;
  readonly signedCookies: Record<string, string> = {};
  params: Record<string, string | undefined> = {};
  body: unknown;
  readonly protocol: string;
  readonly hostname: string;
  /** The first address in `X-Forwarded-For`, which clients can write, or that of the connection. */
  readonly ip: string;
  readonly ips: readonly string[];
  readonly httpVersion = "1.1";
  readonly fresh = false;
  readonly stale = true;
  readonly complete = true;
  res: unknown;
  route: unknown;

  constructor(request: Request, body: unknown) {
    super();
    const { pathname, search, hostname, protocol } = new URL(request.url);
    this.method = request.method;
    this.url = pathname + search;
    this.originalUrl = this.url;
    this.path = pathname;
    this.query = parseForm(search.slice(1));
    this.headers = Object.fromEntries(request.headers);
    this.cookies = parseCookies(request.headers.get("Cookie"));
    this.body = body;
    this.protocol = this.headers["x-forwarded-proto"]?.split(",", 1)[0]?.trim() || protocol.replace(":", "");
    this.hostname = hostname;
    const forwarded = (this.headers["x-forwarded-for"] ?? "").split(",").map((address) => address.trim());
    this.ips = forwarded.filter((address) => address !== "");
    // The platform that these programs come from has a proxy in front, so a forwarded address comes first.
    this.ip = this.ips[0] ?? this.headers[CLIENT_HEADER.toLowerCase()] ?? "";
  }

  get xhr(): boolean {
    return this.headers["x-requested-with"]?.toLowerCase() === "xmlhttprequest";
  }

  get secure(): boolean {
    return this.protocol === "https";
  }

  get subdomains(): string[] {
    return this.hostname.split(".").slice(0, -2).reverse();
  }

  get(name: string): string | undefined {
    const wanted = name.toLowerCase();
    if (wanted === "referer" || wanted === "referrer")
      return this.headers["referrer"] ?? this.headers["referer"];
    return this.headers[wanted];
  }

  header(name: string): string | undefined {
    return this.get(name);
  }

  /** Returns the media type of the body if it matches one of these, and `null` if the request has none. */
  is(...types: readonly (string | readonly string[])[]): string | false | null {
    const contentType = this.headers["content-type"];
    return contentType === undefined ? null : matchingType(contentType, types.flat());
  }

  /**
   * Returns the type that the client prefers, as it was passed. Without arguments,
   * returns all types that it accepts.
   */
  accepts(...types: readonly (string | readonly string[])[]): string | string[] | false {
    const negotiator = new Negotiator(this);
    const wanted = types.flat();
    if (wanted.length === 0) return negotiator.mediaTypes();
    const full = wanted.map((type) => mediaTypeOf(type) ?? type);
    const best = negotiator.mediaType(full);
    return best === undefined ? false : (wanted[full.indexOf(best)] ?? false);
  }

  acceptsCharsets(...charsets: string[]): string | string[] | false {
    const negotiator = new Negotiator(this);
    return charsets.length === 0 ? negotiator.charsets() : (negotiator.charset(charsets) ?? false);
  }

  acceptsEncodings(...encodings: string[]): string | string[] | false {
    const negotiator = new Negotiator(this);
    return encodings.length === 0 ? negotiator.encodings() : (negotiator.encoding(encodings) ?? false);
  }

  acceptsLanguages(...languages: string[]): string | string[] | false {
    const negotiator = new Negotiator(this);
    return languages.length === 0 ? negotiator.languages() : (negotiator.language(languages) ?? false);
  }

  /** Returns `undefined` without a Range header, -2 if it is malformed, and -1 if it cannot be satisfied. */
  range(size: number): Ranges | -1 | -2 | undefined {
    const header = this.headers["range"];
    if (header === undefined) return undefined;
    const ranges = parseRange(size, header);
    return typeof ranges !== "number" && ranges.length > 1 ? -2 : (ranges as Ranges | -1 | -2);
  }

  /** @deprecated by Express: use `params`, `query` or `body`. */
  param(name: string, fallback?: unknown): unknown {
    const body = typeof this.body === "object" ? (this.body as Record<string, unknown>) : undefined;
    return this.params[name] ?? this.query[name] ?? body?.[name] ?? fallback;
  }

  // The body has been read already, so these methods have nothing to do.
  setTimeout(): this {
    return this;
  }
  resume(): this {
    return this;
  }
  pause(): this {
    return this;
  }
  read(): null {
    return null;
  }
}
