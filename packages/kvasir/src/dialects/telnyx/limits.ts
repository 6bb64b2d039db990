/**
 * The limits of the Telnyx API that are stricter than Workers KV's, and the bounds of our own work for it.
 */

/** Largest value, in bytes (1 MiB). This size itself is accepted. */
export const VALUE_BYTES_MAX = 1_048_576;
/** Longest key of a raw namespace, in characters. */
export const KEY_LENGTH_MAX = 256;
/** Longest `ttl_secs`: the number of seconds whose nanoseconds fit in 64 bits. */
export const TTL_SECS_MAX = 9_223_372_036;
/** Shortest `expiration_ttl` of an envelope, in seconds. */
export const EXPIRATION_TTL_MIN = 60;
/** Longest content type that is stored with a value, in characters. */
export const CONTENT_TYPE_LENGTH_MAX = 256;
/**
 * Largest body of an envelope, in bytes: a value of 1 MiB in base64, with room for metadata in verbose JSON.
 */
export const ENVELOPE_BODY_BYTES_MAX = Math.ceil(VALUE_BYTES_MAX / 3) * 4 + 65_536;

/** `page[size]` if a request does not give it. */
export const PAGE_SIZE_DEFAULT = 20;
/** Largest `page[size]`. A larger one is reduced to this. */
export const PAGE_SIZE_MAX = 250;

/** Most steps (of at most 1,000 keys each) that one request takes to reach and read its page. */
export const PAGE_WALK_STEPS_MAX = 100;
/** Most such steps that count the keys after a page for `total_results`. */
export const PAGE_LOOKAHEAD_STEPS_MAX = 10;
/** How long the end of a page is remembered, in milliseconds. */
export const BOOKMARK_MS = 60_000;
/** Page ends remembered for one list. */
export const BOOKMARKS_MAX = 100;
/** Lists (a namespace and a prefix) whose page ends are remembered. */
export const BOOKMARKED_LISTS_MAX = 100;
