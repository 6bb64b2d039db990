/** How long a lease lasts unless told otherwise, in seconds. */
export const LEASE_SECONDS = 30;
/** Longest lease, in seconds: a day. Whoever holds a lock for longer renews it. */
export const LEASE_SECONDS_MAX = 86_400;
/** How long `acquire` and `withLock` wait unless told otherwise, in milliseconds. */
export const WAIT_MS = 10_000;
/** Longest wait, in milliseconds: a day. */
export const WAIT_MS_MAX = 86_400_000;
/** First pause before a held lock is looked at again, in milliseconds; doubles with each, give or take a half. */
export const PAUSE_MS = 10;
/** Longest such pause, in milliseconds. */
export const PAUSE_MS_MAX = 500;
/** A lease that renews itself does so after this part of its time: several renewals may fail. */
export const RENEW_AFTER = 1 / 3;
/** Shortest pause before a renewal that failed is tried again, in milliseconds. */
export const RENEW_PAUSE_MS_MIN = 100;
/** How much longer than the lease its deadline is kept, for processes whose clocks differ, in seconds. */
export const CLOCK_DIFFERENCE_SECONDS = 60;
/** How long the owner of a lock that nobody gave back is remembered, in seconds: 30 days. */
export const OWNER_SECONDS = 2_592_000;
