import { type KvError, type KvErrorCode, statusOf } from "@kvasir/client/namespace";
import type { ApiExchange } from "../../api/api-exchange.js";

/**
 * The error numbers of this API. The list names the public evidence for them. Errors without evidence get a
 * general number for their kind, from 10000 upwards, so that clients that branch on the known numbers are not
 * misled:
 *
 * - 10000, authentication: wrangler branches on it
 * - 10009, 10013, 10014: fixtures of clients; wrangler branches on the last
 * - 10012: `bulk put: 'received 12762 key/value pairs, but max allowed per request is: 10000'` in a bug
 *   report of the Go client (https://github.com/cloudflare/cloudflare-go/issues/1324)
 * - 10019: client tests (a missing title)
 * - 10001: the local explorer of Cloudflare's own tools (an invalid body or parameter)
 * - 10022, 10024, 10030: Cloudflare's first command line calls them "about limits"
 * - 7000, 7001: the API's own gateway (no such route, method not allowed)
 */
const CODES: Readonly<Record<KvErrorCode, number>> = {
  bad_request: 10001,
  key_invalid: 10001,
  value_invalid: 10001,
  value_not_json: 10001,
  value_not_integer: 10001,
  metadata_invalid: 10001,
  expiration_invalid: 10001,
  cache_ttl_invalid: 10001,
  limit_invalid: 10001,
  cursor_invalid: 10001,
  type_invalid: 10001,
  title_invalid: 10019,

  key_too_long: 10030,
  value_too_large: 10022,
  metadata_too_large: 10024,
  payload_too_large: 10022,
  request_timeout: 10503,
  response_too_large: 10022,
  too_many_keys: 10012,

  route_not_found: 7000,
  method_not_allowed: 7001,
  key_not_found: 10009,
  namespace_not_found: 10013,
  namespace_exists: 10014,
  condition_failed: 10001,
  watch_behind: 10001,

  // Only recipes in the client fail with these; no request does.
  option_invalid: 10001,
  atomics_required: 10501,
  contended: 10503,
  lock_timeout: 10001,
  lock_lost: 10001,
  clock_backwards: 10500,

  unauthorized: 10000,
  forbidden: 10000,
  rate_limited: 10429,

  storage_full: 10507,
  storage_read_only: 10503,
  storage_corrupt: 10500,
  storage_format: 10500,
  storage_gone: 10503,
  unsupported: 10501,
  unavailable: 10503,
  outcome_unknown: 10504,
  internal: 10500,
};

/** Texts that clients know, used in place of our own texts for the same errors. */
const MESSAGES: Partial<Record<KvErrorCode, string>> = {
  key_not_found: "'key not found'",
  namespace_not_found: "'namespace not found'",
  unauthorized: "Authentication error",
  forbidden: "Authentication error",
};

/** The names that the API puts in front of its messages: `get: 'key not found'`. */
const OPERATION_NAMES: Readonly<Record<string, string>> = {
  getValue: "get",
  getMetadata: "get",
  putValue: "put",
  deleteValue: "remove key",
  listKeys: "list keys",
  bulkPut: "bulk put",
  bulkGet: "bulk get",
  bulkDelete: "bulk remove keys",
  bulkDeleteLegacy: "bulk remove keys",
  getNamespace: "get namespace",
  createNamespace: "create namespace",
  renameNamespace: "rename namespace",
  deleteNamespace: "remove namespace",
};

/**
 * Sends an error in the API's envelope. `messages` says what `errors` has no room for: why a request is not
 * allowed, and what to do about the error.
 */
export function sendError(exchange: ApiExchange, error: KvError): void {
  const { hint } = error;
  const code = CODES[error.code];
  const why = error.code === "unauthorized" || error.code === "forbidden" ? error.message : undefined;
  const messages = [why, hint].filter((text) => text !== undefined);
  const body = JSON.stringify({
    success: false,
    errors: [{ code, message: messageOf(exchange, error) }],
    messages: messages.map((message) => ({ code, message })),
    result: null,
  });
  const headers = ["Content-Type", "application/json; charset=utf-8"];
  if (error.code === "unauthorized") headers.push("WWW-Authenticate", "Bearer");
  if (error.code === "unavailable") headers.push("Retry-After", "1");
  exchange.sendError(statusOf(error.code), headers, body);
}

function messageOf({ matched: { compiled } }: ApiExchange, { code, message }: KvError): string {
  const known = MESSAGES[code];
  if (code !== "key_not_found" && code !== "namespace_not_found") return known ?? message;
  const name = OPERATION_NAMES[compiled?.route.operation ?? ""];
  return name === undefined ? (known as string) : `${name}: ${known}`;
}
