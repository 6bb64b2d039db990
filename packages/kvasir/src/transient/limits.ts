/** The bounds of what functions keep outside the namespaces: cached responses and rate limit counters. */

/** The share of the cache that one response may have. A larger one is not stored. */
export const CACHED_RESPONSE_SHARE_MAX = 0.25;
/** Eviction continues until the cache is filled to this share, so that it is not needed again at once. */
export const CACHE_FILL_AFTER_EVICTION = 0.9;
/** What a cached response counts in addition to its body and headers, in bytes. */
export const CACHED_RESPONSE_OVERHEAD_BYTES = 512;
/** Largest status line and headers of a cached response, in bytes. The store keeps them as metadata. */
export const CACHED_HEAD_BYTES_MAX = 49_152;
/** How long a cached response that was replaced can still be read to its end, in milliseconds. */
export const REPLACED_RESPONSE_KEPT_MS = 60_000;
/** Rows that an eviction reads before it lets other work run. */
export const EVICTION_PAGE_ROWS = 1000;
/** How long one process may evict before another one may begin, in milliseconds. */
export const EVICTION_LEASE_MS = 30_000;
