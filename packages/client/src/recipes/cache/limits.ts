/** How long something is cached unless told otherwise, in seconds. */
export const TTL_SECONDS = 60;
/** Longest that something is cached, in seconds: a year. */
export const CACHE_SECONDS_MAX = 31_536_000;
/**
 * Longest that something with tags is cached, and that an invalidation of a tag is remembered, in seconds: 30 days. The
 * one must not outlive the other, or an invalidated entry would come back.
 */
export const TAGGED_SECONDS_MAX = 2_592_000;
/** Most tags of an entry: they are read together with it, in one request. */
export const TAGS_MAX = 90;
/** Longest lease, in seconds: so long a leader that died may block the others. */
export const LEASE_SECONDS_MAX = 3_600;
/** How much longer than its deadline a lease stays in the store, for processes whose clocks differ, in seconds. */
export const CLOCK_DIFFERENCE_SECONDS = 60;
/** First pause of a caller that waits for another process, in milliseconds; doubles with each. */
export const POLL_MS = 5;
/** Longest such pause, in milliseconds. */
export const POLL_MS_MAX = 250;
/** How many leases a caller waits for others before it computes by itself. */
export const LEASES_WAITED_MAX = 2;
/** How many computations that others made and that failed a caller waits for, before it fails as well. */
export const FAILURES_SHARED_MAX = 2;
/** Largest body of a response that is cached, in bytes; it is held in memory. */
export const BODY_BYTES_MAX = 10_485_760;
/** How long it is remembered that the answer to a URL cannot be cached, in seconds: until then nobody waits for it. */
export const PASS_SECONDS = 10;
/** How long it is remembered by which request headers a URL's answers differ, in seconds. */
export const VARY_SECONDS = 86_400;
