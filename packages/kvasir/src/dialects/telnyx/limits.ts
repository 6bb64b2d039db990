/** The limits of the Telnyx API where they are stricter than Workers KV's, and the bounds of our own work for it. */

/** Largest value, in bytes (1 MiB). Exactly this many are accepted. */
export const VALUE_BYTES_MAX = 1_048_576;
/** Longest key of a raw namespace, in characters. */
export const KEY_LENGTH_MAX = 256;
/** Longest `ttl_secs`: as many seconds as 64 bits hold nanoseconds. */
export const TTL_SECS_MAX = 9_223_372_036;
/** Shortest `expiration_ttl` of an envelope, in seconds. */
export const EXPIRATION_TTL_MIN = 60;
/** Longest content type that is stored with a value, in characters. */
export const CONTENT_TYPE_LENGTH_MAX = 256;
/** Largest body of an envelope: a value of 1 MiB in base64, and room for metadata in the clumsiest JSON, in bytes. */
export const ENVELOPE_BODY_BYTES_MAX = Math.ceil(VALUE_BYTES_MAX / 3) * 4 + 65_536;

/** `page[size]` where a request names none. */
export const PAGE_SIZE_DEFAULT = 20;
/** Largest `page[size]`; a larger one is treated as this. */
export const PAGE_SIZE_MAX = 250;

/** Steps (of at most 1,000 keys each) in which one request reaches and reads the page that it asks for. */
export const PAGE_WALK_STEPS_MAX = 100;
/** Steps (likewise) in which the keys after a page are counted for `total_results`. */
export const PAGE_LOOKAHEAD_STEPS_MAX = 10;
/** How long the place where a page ended is remembered, in milliseconds. */
export const BOOKMARK_MS = 60_000;
/** Places remembered for one list. */
export const BOOKMARKS_MAX = 100;
/** Lists (a namespace and a prefix) whose places are remembered. */
export const BOOKMARKED_LISTS_MAX = 100;
