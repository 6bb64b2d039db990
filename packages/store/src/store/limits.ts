/** The bounds of the engine and of the work that one call may do. Workers KV's own limits are in `@kvasir/client`. */

/** A value up to this size lies beside its entry; a larger one lies apart, so that a list never pages it in. */
export const INLINE_VALUE_BYTES_MAX = 1024;
/** Size of the parts in which a large value is stored and streamed, in bytes. */
export const PART_BYTES = 131_072;
/** Most entries looked at for one page of a list, expired ones included. */
export const LIST_SCAN_MAX = 10_000;
/** Most bytes of values in one page of a list with values (25 MiB). */
export const LIST_VALUE_BYTES_MAX = 26_214_400;
/** Changes remembered for watchers that resume. */
export const CHANGES_REMEMBERED = 100_000;
/** How long a replaced large value can still be read to its end by those who started, in milliseconds. */
export const RECLAIM_AFTER_MS = 600_000;
/** Longest title of a namespace, in UTF-16 units (Cloudflare's limit). */
export const TITLE_LENGTH_MAX = 512;
/** Latest expiry that can be asked for, in seconds since the epoch: the last second that a `Date` can hold. */
export const EXPIRATION_SECONDS_MAX = 8_640_000_000_000;
/** Longest metadata text that is parsed at all, in UTF-16 units; room for blanks and escapes around 1,024 bytes. */
export const METADATA_TEXT_LENGTH_MAX = 16_384;
/** A streamed value is gathered in memory up to this size, and goes to disk part by part beyond it, in bytes. */
export const STREAM_GATHER_BYTES_MAX = 131_072;
/** How far an oversized stream is read on, only to name its real length in the error, in bytes (100 MiB). */
export const OVERSIZE_COUNT_BYTES_MAX = 104_857_600;
/** Entries deleted in one batch by `deletePrefix`. */
export const DELETE_BATCH_MAX = 1000;
