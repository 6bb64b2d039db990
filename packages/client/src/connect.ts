import { HttpBackend } from "./http/http-backend.js";
import { requestsTo, type ServerOptions } from "./http/server.js";
import type { KVNamespace } from "./namespace/kv-namespace.js";
import { kvNamespace } from "./namespace/namespace-object.js";

export interface ConnectOptions extends ServerOptions {
  /** The namespace's id, as 32 hex digits or in the form of a UUID. */
  readonly namespace: string;
}

/**
 * A namespace of a Kvasir server, over HTTP. Nothing is sent before the first operation.
 *
 * Operations reject with `KvError` (`unauthorized`, `forbidden`, `namespace_not_found`, `unavailable`, …); a
 * write that fails with `unavailable` may or may not have been made.
 *
 * @throws TypeError when the URL or the token is invalid
 * @example
 * const kv = connect({ url: "http://127.0.0.1:8788", namespace: "sessions", token: process.env.KVASIR_TOKEN });
 * await kv.put("user:1", "Ada", { expirationTtl: 3600 });
 */
export function connect<Key extends string = string>(options: ConnectOptions): KVNamespace<Key> {
  const path = `/binding/${encodeURIComponent(storedId(options.namespace))}`;
  return kvNamespace<Key>(new HttpBackend(requestsTo(path, options, "connect")));
}

/** An id as the server keeps it. Some APIs show its 32 hex digits as a UUID. */
function storedId(id: string): string {
  return /^[\da-f]{8}(-[\da-f]{4}){4}[\da-f]{8}$/i.test(id) ? id.replaceAll("-", "").toLowerCase() : id;
}
