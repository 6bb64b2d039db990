import { KvError } from "@kvasir/client/namespace";
import { type ApiExchange, rawKeyOf } from "../../api/api-exchange.js";

export const API = "/v2";
export const NAMESPACES = `${API}/storage/kvs`;
export const NAMESPACE = `${NAMESPACES}/{kv_id}`;
export const KEYS = `${NAMESPACE}/keys`;
/** Keys may contain slashes. The SDKs encode them, the vendor's quick start does not. */
export const KEY = `${KEYS}/{key_name+}`;

/** The index of the namespace among the path's parameters. */
const NAMESPACE_INDEX = 0;

/** The namespace as the path names it. */
export function namespaceTextOf({ matched: { params } }: ApiExchange): string {
  const segment = params[NAMESPACE_INDEX] ?? "";
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    // No id is malformed, so there is no such namespace.
    return "";
  }
}

/**
 * The key of a request, decoded once.
 *
 * @throws KvError `key_invalid`
 */
export function keyOf(exchange: ApiExchange): string {
  const rawKey = rawKeyOf(exchange);
  if (!rawKey.includes("%")) return rawKey;
  try {
    return decodeURIComponent(rawKey);
  } catch (cause) {
    throw new KvError("key_invalid", "Could not URL-decode the key", {
      cause,
      hint: "Percent-encode it as UTF-8.",
    });
  }
}
