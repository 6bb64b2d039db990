/**
 * Every way in which a request can fail. The set is closed: a code is a promise, a message is not.
 *
 * @see {@link statusOf} for the HTTP status that each code becomes on the wire.
 */
export type KvErrorCode =
  // The request itself
  | "bad_request"
  | "key_invalid"
  | "key_too_long"
  | "value_too_large"
  | "value_invalid"
  | "value_not_json"
  | "value_not_integer"
  | "metadata_invalid"
  | "metadata_too_large"
  | "expiration_invalid"
  | "cache_ttl_invalid"
  | "limit_invalid"
  | "cursor_invalid"
  | "type_invalid"
  | "too_many_keys"
  | "response_too_large"
  | "title_invalid"
  | "payload_too_large"
  | "request_timeout"
  // What it asks for
  | "route_not_found"
  | "method_not_allowed"
  | "key_not_found"
  | "namespace_not_found"
  | "namespace_exists"
  | "condition_failed"
  | "watch_behind"
  // A recipe
  | "option_invalid"
  | "atomics_required"
  | "contended"
  | "lock_timeout"
  | "lock_lost"
  | "clock_backwards"
  // Who asks
  | "unauthorized"
  | "forbidden"
  | "rate_limited"
  // The store and the process
  | "storage_full"
  | "storage_read_only"
  | "storage_corrupt"
  | "storage_format"
  | "storage_gone"
  | "unsupported"
  | "unavailable"
  | "outcome_unknown"
  | "internal";

const STATUS: Readonly<Record<KvErrorCode, number>> = {
  bad_request: 400,
  key_invalid: 400,
  key_too_long: 414,
  value_too_large: 413,
  value_invalid: 400,
  value_not_json: 400,
  value_not_integer: 409,
  metadata_invalid: 400,
  metadata_too_large: 413,
  expiration_invalid: 400,
  cache_ttl_invalid: 400,
  limit_invalid: 400,
  cursor_invalid: 400,
  type_invalid: 400,
  too_many_keys: 400,
  response_too_large: 413,
  title_invalid: 400,
  payload_too_large: 413,
  request_timeout: 408,
  route_not_found: 404,
  method_not_allowed: 405,
  key_not_found: 404,
  namespace_not_found: 404,
  namespace_exists: 400,
  condition_failed: 412,
  watch_behind: 410,
  option_invalid: 400,
  atomics_required: 501,
  contended: 503,
  lock_timeout: 423,
  lock_lost: 409,
  clock_backwards: 500,
  unauthorized: 401,
  forbidden: 403,
  rate_limited: 429,
  storage_full: 507,
  storage_read_only: 503,
  storage_corrupt: 500,
  storage_format: 500,
  storage_gone: 503,
  unsupported: 501,
  unavailable: 503,
  outcome_unknown: 503,
  internal: 500,
};

/** The HTTP status of an error code; the one table that every dialect and every error text reads. */
export function statusOf(code: KvErrorCode): number {
  return STATUS[code];
}

/** All error codes. */
export function kvErrorCodes(): KvErrorCode[] {
  return Object.keys(STATUS) as KvErrorCode[];
}

/** Whether a string that came over the wire is one of our codes. */
export function isKvErrorCode(code: unknown): code is KvErrorCode {
  return typeof code === "string" && Object.hasOwn(STATUS, code);
}

export interface KvErrorOptions {
  /** What the caller can do about it, as one sentence. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

const BRAND = Symbol.for("kvasir.KvError");

/**
 * What every operation rejects with, programmer mistakes excepted (those are `TypeError`s, as in Workers KV).
 *
 * @example
 * try { await kv.put(key, value) } catch (error) {
 *   if (error instanceof KvError && error.code === "storage_full") shedLoad();
 * }
 */
export class KvError extends Error {
  readonly code: KvErrorCode;
  readonly hint: string | undefined;

  constructor(code: KvErrorCode, message: string, options: KvErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}
KvError.prototype.name = "KvError";
Object.defineProperty(KvError.prototype, BRAND, { value: true });
// True for the errors of every copy of this package: what a function bundles is not the copy that its binding has
// inside workerd.
Object.defineProperty(KvError, Symbol.hasInstance, {
  value(this: unknown, value: unknown): boolean {
    if (this !== KvError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && BRAND in value;
  },
});
