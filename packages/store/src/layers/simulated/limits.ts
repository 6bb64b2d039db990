/** The bounds of the simulated hosted service. */

/**
 * How old a result may be if the read does not say, in milliseconds; also how long a new key may be unlisted.
 */
export const STALE_MS_MAX = 60_000;
/** Least time between two writes of one key, in milliseconds. */
export const WRITE_INTERVAL_MS = 1000;
/** Results of reads that are kept, over all namespaces. */
export const READS_KEPT_MAX = 10_000;
/** Pages of lists that are kept. */
export const PAGES_KEPT_MAX = 100;
/** A page with more bytes of values than this is not kept (256 KiB). */
export const PAGE_VALUE_BYTES_MAX = 262_144;
/** Keys whose last write or creation is remembered. */
export const WRITES_REMEMBERED_MAX = 100_000;
/**
 * How long a large value is kept, in milliseconds. A replaced large value can be read for ten minutes only.
 */
export const LARGE_VALUE_KEPT_MS = 300_000;
