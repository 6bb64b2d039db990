import { KvError, type KvErrorCode, type KvErrorOptions } from "@kvasir/client/namespace";
import type { ApiExchange } from "../../api/api-exchange.js";

/** The form of one kind of error on this wire. */
interface WireError {
  readonly status: number;
  readonly code: string;
  readonly title: string;
}

/** The part of the request that is at fault: a field of the body, or a parameter of the path or query. */
export type ErrorSource = { readonly pointer: string } | { readonly parameter: string };

const badRequest: WireError = { status: 400, code: "10015", title: "Bad Request" };
const notFound: WireError = { status: 404, code: "10005", title: "Resource not found" };
const unprocessable: WireError = { status: 422, code: "10027", title: "Unprocessable Entity" };
const tooLarge: WireError = { status: 413, code: "10015", title: "Payload too large" };
const conflict: WireError = { status: 409, code: "10021", title: "Resource in use" };

function serverError(status: number): WireError {
  return { status, code: "10007", title: "Unexpected error" };
}

/**
 * The one table from our codes to this API's. The documented statuses for KV are 400 with 10015 for an
 * invalid or too long key, 404 with 10005, 413 for a large value, and 422 for a time to live. The other
 * numbers are those of the API's general catalogue for such errors
 * (https://developers.telnyx.com/development/api-fundamentals/api-errors), or those of the nearest meaning if
 * the catalogue has none for a status.
 */
const WIRE: Readonly<Record<KvErrorCode, WireError>> = {
  bad_request: badRequest,
  key_invalid: badRequest,
  key_too_long: badRequest,
  limit_invalid: badRequest,
  cursor_invalid: badRequest,
  type_invalid: badRequest,
  too_many_keys: badRequest,
  cache_ttl_invalid: badRequest,

  title_invalid: unprocessable,
  value_invalid: unprocessable,
  value_not_json: unprocessable,
  metadata_invalid: unprocessable,
  metadata_too_large: unprocessable,
  expiration_invalid: unprocessable,

  value_too_large: tooLarge,
  payload_too_large: tooLarge,
  response_too_large: tooLarge,

  request_timeout: { ...badRequest, status: 408, title: "Request timeout" },

  route_not_found: notFound,
  key_not_found: notFound,
  namespace_not_found: notFound,
  method_not_allowed: { status: 405, code: "10015", title: "Method not allowed" },

  namespace_exists: { status: 409, code: "10012", title: "Duplicate resource" },
  value_not_integer: conflict,
  condition_failed: { ...conflict, status: 412 },
  watch_behind: { ...conflict, status: 410 },

  // Only recipes in the client fail with these; no request does.
  option_invalid: badRequest,
  atomics_required: serverError(501),
  contended: serverError(503),
  lock_timeout: { ...conflict, status: 423 },
  lock_lost: conflict,
  clock_backwards: serverError(500),

  unauthorized: { status: 401, code: "10009", title: "Authentication failed" },
  forbidden: { status: 403, code: "10010", title: "Authorization failed" },
  rate_limited: { status: 429, code: "10011", title: "Too many requests" },

  storage_full: serverError(507),
  storage_read_only: serverError(503),
  storage_corrupt: serverError(500),
  storage_format: serverError(500),
  storage_gone: serverError(503),
  unsupported: serverError(501),
  unavailable: serverError(503),
  outcome_unknown: { ...serverError(503), title: "Outcome unknown" },
  internal: serverError(500),
};

/** An error about which this dialect knows more than the code says. */
export class TelnyxError extends KvError {
  readonly source: ErrorSource | undefined;
  readonly wire: WireError | undefined;

  constructor(
    code: KvErrorCode,
    message: string,
    options: KvErrorOptions & { readonly source?: ErrorSource; readonly wire?: WireError } = {},
  ) {
    super(code, message, options);
    this.source = options.source;
    this.wire = options.wire;
  }
}
TelnyxError.prototype.name = "TelnyxError";

/** The namespace's state does not allow this: it is being deleted, or holds values in another form. */
export function conflictError(message: string, hint?: string): TelnyxError {
  return new TelnyxError("bad_request", message, { wire: conflict, hint });
}

/** The error for a missing required field. */
export function missingError(field: string): TelnyxError {
  return new TelnyxError("value_invalid", `A required parameter was missing: ${field}.`, {
    source: { pointer: `/${field}` },
    wire: { status: 422, code: "10004", title: "Missing required parameter" },
  });
}

/** Sends an error in the form of JSON:API. `detail` says what is wrong and what to do about it. */
export function sendError(exchange: ApiExchange, error: KvError): void {
  const known = error instanceof TelnyxError ? error : undefined;
  const { status, code, title } = known?.wire ?? WIRE[error.code];
  const source = known?.source ?? sourceOf(exchange, error.code);
  const body = JSON.stringify({
    errors: [
      {
        code,
        title,
        detail: error.hint === undefined ? error.message : `${sentence(error.message)} ${error.hint}`,
        // Links to our own reference, because the vendor's text about a code need not be true here.
        meta: { url: `docs/reference/telnyx.md#${code}` },
        ...(source === undefined ? {} : { source }),
      },
    ],
  });
  const headers = ["Content-Type", "application/json; charset=utf-8"];
  if (error.code === "unauthorized") headers.push("WWW-Authenticate", "Bearer");
  if (error.code === "unavailable") headers.push("Retry-After", "1");
  exchange.sendError(status, headers, body);
}

/** The source of the error, as far as the code alone shows it. */
function sourceOf({ matched: { compiled } }: ApiExchange, code: KvErrorCode): ErrorSource | undefined {
  switch (code) {
    case "namespace_not_found":
      return { parameter: "id" };
    case "key_invalid":
    case "key_too_long":
    case "key_not_found":
      return { parameter: compiled?.keyIndex === -1 ? "prefix" : "key" };
    case "cursor_invalid":
      return { parameter: "cursor" };
    default:
      return undefined;
  }
}

function sentence(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}
