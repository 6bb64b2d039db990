/**
 * Bounds of the namespace rules that Workers KV does not document. Its own limits are in `@kvasir/client`.
 */

/** Longest title of a namespace, in UTF-16 units (Cloudflare's limit). */
export const TITLE_LENGTH_MAX = 512;
/**
 * Latest expiry that can be asked for, in seconds since the epoch: the last second that a `Date` can hold.
 */
export const EXPIRATION_SECONDS_MAX = 8_640_000_000_000;
/**
 * Longest metadata text that is parsed at all, in UTF-16 units; room for blanks and escapes around 1,024
 * bytes.
 */
export const METADATA_TEXT_LENGTH_MAX = 16_384;
/** A streamed value is gathered in memory up to this size, and staged part by part beyond it, in bytes. */
export const STREAM_GATHER_BYTES_MAX = 131_072;
/** How far an oversized stream is read on, only to name its real length in the error, in bytes (100 MiB). */
export const OVERSIZE_COUNT_BYTES_MAX = 104_857_600;
