/** Default time for which an entry is fresh, in seconds. */
export const TTL_SECONDS = 60;
/** Longest time for which an entry is cached, in seconds: a year. */
export const CACHE_SECONDS_MAX = 31_536_000;
/**
 * Longest time for which an entry with tags is cached and an invalidation is remembered, in seconds: 30 days.
 * An entry must not outlive the record of its invalidation, or it would come back.
 */
export const TAGGED_SECONDS_MAX = 2_592_000;
/** Most tags of an entry. They are read together with it in one request. */
export const TAGS_MAX = 90;
/** Longest lease, in seconds. A holder that died blocks other callers for that long. */
export const LEASE_SECONDS_MAX = 3_600;
/**
 * How much longer than its deadline a lease is stored, in seconds, because clocks of processes may differ.
 */
export const CLOCK_DIFFERENCE_SECONDS = 60;
/** First pause of a caller that waits for another process, in milliseconds. It doubles each time. */
export const POLL_MS = 5;
/** Longest pause of that kind, in milliseconds. */
export const POLL_MS_MAX = 250;
/** Number of leases of other callers for which a caller waits before it computes itself. */
export const LEASES_WAITED_MAX = 2;
/** Number of other callers' failed computations for which a caller waits before it fails too. */
export const FAILURES_SHARED_MAX = 2;
/** Largest body of a cached response, in bytes. It is held in memory. */
export const BODY_BYTES_MAX = 10_485_760;
/**
 * How long an uncacheable URL is remembered, in seconds. Meanwhile requests for it do not wait for each
 * other.
 */
export const PASS_SECONDS = 10;
/** How long the `Vary` headers of a URL are remembered, in seconds. */
export const VARY_SECONDS = 86_400;
