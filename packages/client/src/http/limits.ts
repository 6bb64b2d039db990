/** The bounds of the HTTP client. */

/**
 * How long `connect()` waits for an answer, in milliseconds, unless told otherwise. Below the 30 s that a function has,
 * so that its code sees the error and can answer.
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
/** Longest report of a check that is read, in characters (16 Mi). */
export const CHECK_REPORT_LENGTH_MAX = 16_777_216;
/** Keys of one request to delete them: the most that the Cloudflare API takes. */
export const BULK_DELETE_KEYS_MAX = 10_000;
