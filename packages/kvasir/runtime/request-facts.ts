import { parseAddress, withoutPort } from "../src/wire/ip-address.js";
import { CLIENT_HEADER, type RequestFacts } from "../src/wire/request-facts.js";
import { sentRequestId } from "../src/wire/request-id.js";
import { trustedAddresses } from "../src/wire/trusted-addresses.js";

/**
 * The header `CF-Connecting-IP` and `request.cf`. workerd tells only the address of a connection's other end, as
 * `request.cf.clientIp`. It stays there in clones, and in requests to other Workers. So everything else is added
 * when code reads `headers` or `cf`, and requests of which nobody reads these cost nothing.
 */

type Getter<T> = (this: Request) => T;
type Cf = Readonly<Record<string, unknown>> | undefined;

interface Known {
  readonly cf: Readonly<Record<string, unknown>>;
  readonly trusts: (address: string) => boolean;
}

let known: Known | undefined;
let nativeCf: Getter<Cf> | undefined;
let nativeHeaders: Getter<Headers> | undefined;
/** Headers that have been completed already: code may have removed the header from them again. */
const complete = new WeakSet<Headers>();
const shownHeaders = new WeakMap<Request, Headers>();
const shownCf = new WeakMap<Request, Cf>();

/** Call it before the user's module runs. */
export function installRequestFacts({ cf, trustedProxies }: RequestFacts): void {
  known = { cf: deepFreeze(cf), trusts: trustedAddresses(trustedProxies) };
  nativeCf = replaceGetter<Cf>("cf", cfOf);
  nativeHeaders = replaceGetter<Headers>("headers", headersOf);
  const nativeFetch = globalThis.fetch;
  globalThis.fetch = Object.defineProperty(
    (input: Request | string, init?: RequestInit) => nativeFetch(...withoutClient(input, init)),
    "name",
    { value: "fetch" },
  ) as typeof fetch;
}

/**
 * Completes a request at once where `headers` and `cf` are properties of each request and not of the prototype:
 * before the compatibility date 2022-01-31.
 */
export function completed(request: Request): Request {
  if (known === undefined || nativeCf !== undefined) return request;
  const { cf, headers } = request as Request & { readonly cf: Cf };
  if (typeof cf?.["clientIp"] !== "string") return request;
  const all = new Headers(headers);
  all.set(CLIENT_HEADER, clientOf(cf["clientIp"], headers, known));
  return new Request(request, { headers: all, cf: completeCf(headers, known) } as RequestInit);
}

/** The id of a request that a trusted proxy gave it. */
export function proxiedRequestId(request: Request): string | undefined {
  const cf = nativeCf === undefined ? (request as Request & { readonly cf: Cf }).cf : nativeCf.call(request);
  const clientIp = cf?.["clientIp"];
  if (known === undefined || typeof clientIp !== "string" || !known.trusts(clientIp)) return undefined;
  return sentRequestId((name) => request.headers.get(name));
}

/** Calls `compute` with the native value the first time that a request's property is read. */
function replaceGetter<T>(
  name: "cf" | "headers",
  compute: (request: Request, native: T) => T,
): Getter<T> | undefined {
  const descriptor = Object.getOwnPropertyDescriptor(Request.prototype, name);
  const native = descriptor?.get as Getter<T> | undefined;
  if (native === undefined) return undefined;
  Object.defineProperty(Request.prototype, name, {
    ...descriptor,
    get(this: Request): T {
      return compute(this, native.call(this));
    },
  });
  return native;
}

function cfOf(request: Request, native: Cf): Cf {
  if (known === undefined || !isFromSocket(native)) return native;
  let cf = shownCf.get(request);
  if (cf === undefined) {
    cf = completeCf(request.headers, known);
    shownCf.set(request, cf);
  }
  return cf;
}

function headersOf(request: Request, native: Headers): Headers {
  if (complete.has(native)) return shownHeaders.get(request) ?? native;
  complete.add(native);
  const cf = nativeCf?.call(request);
  if (known === undefined || !isFromSocket(cf) || native.has(CLIENT_HEADER)) return native;
  const client = clientOf(cf.clientIp, native, known);
  try {
    native.set(CLIENT_HEADER, client);
    return native;
  } catch {
    // The headers of a request that came in cannot be changed: show a copy that cannot be changed either.
    const headers = immutable(native, client);
    shownHeaders.set(request, headers);
    return headers;
  }
}

/**
 * Whether it is what workerd knows of a connection. Code that sets `cf` sets other properties. workerd adds
 * `botManagement` before the compatibility date 2022-08-03.
 */
function isFromSocket(cf: Cf): cf is { readonly clientIp: string } {
  return (
    typeof cf?.["clientIp"] === "string" &&
    Object.keys(cf).every((name) => name === "clientIp" || name === "botManagement")
  );
}

function completeCf(headers: Headers, { cf }: Known): Cf {
  return Object.freeze({ ...cf, clientAcceptEncoding: headers.get("Accept-Encoding") ?? "" });
}

/** The last address of the chain of proxies that no trusted proxy has. */
function clientOf(clientIp: string, headers: Headers, { trusts }: Known): string {
  const forwarded = (headers.get("X-Forwarded-For") ?? "").split(",").map((text) => withoutPort(text.trim()));
  let client = withoutPort(clientIp);
  while (trusts(client)) {
    const next = forwarded.pop();
    // What is not an address was not written by a proxy that can be trusted.
    if (next === undefined || parseAddress(next) === undefined) break;
    client = next;
  }
  return client;
}

function immutable(native: Headers, client: string): Headers {
  const headers = new Headers(native);
  headers.set(CLIENT_HEADER, client);
  for (const name of ["append", "delete", "set"]) {
    Object.defineProperty(headers, name, {
      value() {
        throw new TypeError("Can't modify immutable headers.");
      },
    });
  }
  complete.add(headers);
  return headers;
}

/** Sites behind Cloudflare refuse requests with this header. wrangler removes it from `fetch` too. */
function withoutClient(
  input: Request | string,
  init: RequestInit | undefined,
): [Request | string, RequestInit | undefined] {
  const headers = headersSent(input, init);
  if (headers === undefined || !headers.has(CLIENT_HEADER)) return [input, init];
  const sent = new Headers(headers);
  sent.delete(CLIENT_HEADER);
  if (init instanceof Request) return [input, new Request(init, { headers: sent })];
  return [input, { ...init, headers: sent }];
}

function headersSent(input: Request | string, init: RequestInit | undefined): Headers | undefined {
  const request = init === undefined || init === null ? input : init;
  if (request instanceof Request) return nativeHeaders?.call(request) ?? request.headers;
  const given = init?.headers;
  if (given === undefined || given === null) {
    return input instanceof Request ? (nativeHeaders?.call(input) ?? input.headers) : undefined;
  }
  try {
    return new Headers(given);
  } catch {
    // The native fetch() reports what is wrong with them.
    return undefined;
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null)
    for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
