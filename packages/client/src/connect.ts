import { HttpBackend } from "./http/http-backend.js";
import type { Fetch } from "./http/requester.js";
import type { KVNamespace } from "./namespace/kv-namespace.js";
import { kvNamespace } from "./namespace/namespace-object.js";

export interface ConnectOptions {
  /** The API's address, for example `http://127.0.0.1:8788`. */
  readonly url: string | URL;
  /** The namespace's id, as 32 hex digits or in the form of a UUID. */
  readonly namespace: string;
  /** An API token. `kvasir dev` needs none. */
  readonly token?: string | undefined;
  /** @default the global `fetch` */
  readonly fetch?: Fetch | undefined;
  /**
   * How long to wait for a response, in milliseconds; 0: without end. Does not bound how long a streamed value or a watch takes.
   * Inside a function it must stay below the time that the function has (30 s, unless told otherwise).
   * @default 25000
   */
  readonly timeoutMs?: number | undefined;
  /** How often to repeat a read whose connection failed, or anything that the server put off. @default 2 */
  readonly retries?: number | undefined;
}

/**
 * A namespace of a Kvasir server, over HTTP. Nothing is sent before the first operation.
 *
 * Operations reject with `KvError` (`unauthorized`, `forbidden`, `namespace_not_found`, `unavailable`, …); a write
 * that fails with `unavailable` may or may not have been made.
 *
 * @throws TypeError when the URL or the token cannot be one
 * @example
 * const kv = connect({ url: "http://127.0.0.1:8788", namespace: "sessions", token: process.env.KVASIR_TOKEN });
 * await kv.put("user:1", "Ada", { expirationTtl: 3600 });
 */
export function connect<Key extends string = string>(options: ConnectOptions): KVNamespace<Key> {
  const { url, namespace, token, fetch, timeoutMs, retries } = options;
  checkUrl(url);
  if (token !== undefined) checkToken(token);
  return kvNamespace<Key>(
    new HttpBackend({
      base: `${String(url).replace(/\/+$/, "")}/binding/${encodeURIComponent(storedId(namespace))}`,
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
      fetch,
      timeoutMs,
      retries,
    }),
  );
}

function checkUrl(url: string | URL): void {
  try {
    if (/^https?:$/.test(new URL(String(url)).protocol)) return;
  } catch {
    // Not a URL at all.
  }
  throw new TypeError(`connect() needs the API's URL, for example http://127.0.0.1:8788, not "${url}".`);
}

/** What a header can carry. The text does not show the token: errors end up in logs. */
function checkToken(token: string): void {
  if (/^[\x21-\x7e]+$/.test(token)) return;
  throw new TypeError(
    "connect() was given a token with blanks, line breaks or other characters that no token has.",
  );
}

/** An id as the server keeps it. Some APIs show its 32 hex digits as a UUID. */
function storedId(id: string): string {
  return /^[\da-f]{8}(-[\da-f]{4}){4}[\da-f]{8}$/i.test(id) ? id.replaceAll("-", "").toLowerCase() : id;
}
