/** Most bytes of values that one isolate keeps for `cacheTtl` reads, in all namespaces together (32 MiB). */
export const READ_CACHE_BYTES_MAX = 33_554_432;
