/**
 * The limits of Cloudflare's API v4 that its documentation gives, and the bounds of our client for it.
 *
 * @see https://developers.cloudflare.com/fundamentals/api/reference/limits/
 * @see https://developers.cloudflare.com/kv/platform/limits/
 */

/** Requests that one user may send within {@link REQUEST_WINDOW_MS}. */
export const WINDOW_REQUESTS_MAX = 1200;
/** In milliseconds. A user who sends more is refused for as long as this. */
export const REQUEST_WINDOW_MS = 300_000;
/** Most keys of one page of a list. */
export const LIST_KEYS_MAX = 1000;
/** Fewest keys that may be asked for. */
export const LIST_KEYS_MIN = 10;
/** Most namespaces of one page. */
export const NAMESPACES_PER_PAGE = 100;
/** Most pairs of one bulk write, and keys of one bulk delete. */
export const BULK_PAIRS_MAX = 10_000;
/**
 * Longest value of a pair in a bulk write, in UTF-16 units: its schema says so of the text, which is base64
 * here. A longer one is written by a request of its own.
 */
export const BULK_VALUE_LENGTH_MAX = 26_214_400;

/**
 * Size of the body of one bulk write, in bytes. Cloudflare takes 100 MB; several of these are in memory at
 * once, and a smaller one is repeated sooner.
 */
export const BULK_BODY_BYTES = 16_000_000;
/** Size of the response of one bulk read that the client aims at, in bytes. */
export const BULK_READ_BYTES = 4_000_000;
/** Most bytes of responses that are read ahead at once, as far as the sizes of earlier ones tell. */
export const READ_AHEAD_BYTES = 32_000_000;
/** Single reads that belong to one bulk read and are in flight at once. */
export const SINGLE_READS_AT_ONCE = 4;
/** Requests in flight at the start, and the most there are. */
export const IN_FLIGHT_START = 2;
export const IN_FLIGHT_MAX = 8;
/** Attempts of a request whose connection fails, whose response is incomplete, or that ends with 5xx. */
export const ATTEMPTS_MAX = 8;
/** Attempts of a request that is throttled each time, with the pause that the service asks for between. */
export const THROTTLED_ATTEMPTS_MAX = 20;
/** Pause before the second attempt, in milliseconds; doubles with each, give or take a half. */
export const RETRY_DELAY_MS = 250;
/** Longest pause that the client chooses itself, in milliseconds. */
export const RETRY_DELAY_MS_MAX = 30_000;
/** Longest pause that the service may ask for, in milliseconds; it blocks users for five minutes. */
export const RETRY_AFTER_MS_MAX = 900_000;
/** How long a request may take, in milliseconds, and more for each byte that it sends. */
export const REQUEST_TIMEOUT_MS = 120_000;
export const UPLOAD_BYTES_PER_MS_MIN = 100;
/** Requests that may be spent on finding the pair for which a bulk write is refused. */
export const SEARCH_REQUESTS_MAX = 60;
/** How often a value is read again when a single read and a bulk read of it disagree. */
export const DISAGREEMENTS_MAX = 6;
/** How often pairs that a bulk write names as not written are sent again. */
export const UNSUCCESSFUL_RETRIES_MAX = 4;
/**
 * Seconds that an entry must have left to be written. Cloudflare takes 60; the rest is the time that a
 * request may be on its way.
 */
export const LIFETIME_SECONDS_MIN = 65;
/** Most characters of a text of the service that an error repeats. */
export const MESSAGE_LENGTH_MAX = 300;
/** Most characters of an unsuccessful response that are read for its error. */
export const ERROR_LENGTH_MAX = 65_536;
