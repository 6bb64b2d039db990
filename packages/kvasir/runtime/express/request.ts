import { EventEmitter } from "node:events";
import Negotiator from "negotiator";
import parseRange, { type Ranges } from "range-parser";
import { parseForm } from "./body.ts";
import { parseCookies } from "./cookies.ts";
import { matchingType, mediaTypeOf } from "./media-type.ts";

/** An address that a server without a proxy in front of it would see here. */
const LOOPBACK = "127.0.0.1";

/** Express's request. It is an EventEmitter for programs that listen; the whole body is in `body` already. */
export class ExpressRequest extends EventEmitter {
  readonly method: string;
  /** Path and query. A router takes what it is mounted at off it. */
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
  /** The nearest first would be a proxy's: this is the client's, as far as proxies say. */
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
    // workerd does not tell a Worker who connected.
    this.ip = this.ips[0] ?? LOOPBACK;
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

  /** The media type of the body if it is one of these; `null` when the request names none. */
  is(...types: readonly (string | readonly string[])[]): string | false | null {
    const contentType = this.headers["content-type"];
    return contentType === undefined ? null : matchingType(contentType, types.flat());
  }

  /** The first of these that the client prefers, as it is given here; without any, all that the client takes. */
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

  /** `undefined` without a Range header, -2 for a malformed one, -1 for one that does not fit. */
  range(size: number): Ranges | -1 | -2 | undefined {
    const header = this.headers["range"];
    if (header === undefined) return undefined;
    const ranges = parseRange(size, header);
    return typeof ranges !== "number" && ranges.length > 1 ? -2 : (ranges as Ranges | -1 | -2);
  }

  /** @deprecated by Express: ask `params`, `query` or `body`. */
  param(name: string, fallback?: unknown): unknown {
    const body = typeof this.body === "object" ? (this.body as Record<string, unknown>) : undefined;
    return this.params[name] ?? this.query[name] ?? body?.[name] ?? fallback;
  }

  // The body has been read: there is nothing that these could give or stop.
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
