/** The limits of Workers KV, which every dialect shares unless its own are stricter. */

/** Longest key, in UTF-8 bytes. */
export const KEY_BYTES_MAX = 512;
/** Largest value, in bytes (25 MiB). Exactly this many are accepted. */
export const VALUE_BYTES_MAX = 26_214_400;
/** Largest metadata, in bytes of serialised JSON. */
export const METADATA_BYTES_MAX = 1024;
/** Largest page of a list, and its default, in keys. */
export const LIST_LIMIT_MAX = 1000;
/** Most keys of one bulk read. */
export const BULK_GET_KEYS_MAX = 100;
/** Largest answer of one bulk read, in bytes (25 MiB). */
export const BULK_GET_BYTES_MAX = 26_214_400;
/** Shortest time to live in the Workers and Cloudflare dialects, in seconds. */
export const TTL_SECONDS_MIN = 60;
/** Shortest `cacheTtl`, in seconds. */
export const CACHE_TTL_SECONDS_MIN = 30;
/** Most checks plus mutations of one `atomic()` commit. */
export const ATOMIC_OPERATIONS_MAX = 1000;
/**
 * Latest `expiration`, and longest `expirationTtl`, of a put in an `atomic()` commit, in seconds: the end of
 * the year 9999. A time in milliseconds, a common mistake, is larger and refused.
 */
export const ATOMIC_SECONDS_MAX = 253_402_300_799;
