/** Most bytes of values that one isolate caches for `cacheTtl` reads, over all namespaces (32 MiB). */
export const READ_CACHE_BYTES_MAX = 33_554_432;
