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
/**
 * How long `connect()` waits for an answer, in milliseconds, unless told otherwise. Below the 30 s that a
 * function has, so that its code sees the error and can answer.
 */
export const REQUEST_TIMEOUT_MS = 25_000;
/** How often `connect()` tries again what is safe to repeat, unless told otherwise. */
export const RETRIES = 2;
/** Pause before the first repetition, in milliseconds; doubles with each, give or take a half. */
export const RETRY_DELAY_MS = 100;
/** Longest pause before a repetition, in milliseconds, whatever the server asks for. */
export const RETRY_DELAY_MS_MAX = 5_000;
/** A watch that hears nothing, not even a heartbeat, for this long connects anew, in milliseconds. */
export const WATCH_SILENCE_MS_MAX = 60_000;
/** How often in a row a watch that was cut off tries to resume. */
export const WATCH_RESUMES_MAX = 10;
/** How much `connect()` reads of an answer that it needs no more of than an error's text, in bytes. */
export const ERROR_BODY_BYTES_MAX = 65_536;
/** Longest line of a watch's event stream, in UTF-16 units: a key of 512 bytes, escaped, and room. */
export const EVENT_LINE_LENGTH_MAX = 16_384;
