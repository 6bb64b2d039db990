/** Default duration of a lease, in seconds. */
export const LEASE_SECONDS = 30;
/** Longest lease, in seconds: a day. Longer work must renew it. */
export const LEASE_SECONDS_MAX = 86_400;
/** Default wait of `acquire` and `withLock`, in milliseconds. */
export const WAIT_MS = 10_000;
/** Longest wait, in milliseconds: a day. */
export const WAIT_MS_MAX = 86_400_000;
/**
 * First pause before a held lock is checked again, in milliseconds. It doubles each time, and varies by half.
 */
export const PAUSE_MS = 10;
/** Longest pause of that kind, in milliseconds. */
export const PAUSE_MS_MAX = 500;
/** The part of its time after which a lease renews itself. It leaves time for several failed renewals. */
export const RENEW_AFTER = 1 / 3;
/** Shortest pause before a failed renewal is repeated, in milliseconds. */
export const RENEW_PAUSE_MS_MIN = 100;
/**
 * How much longer than the lease its deadline is stored, in seconds, because clocks of processes may differ.
 */
export const CLOCK_DIFFERENCE_SECONDS = 60;
/** How long the owner of a lock that was never released is stored, in seconds: 30 days. */
export const OWNER_SECONDS = 2_592_000;
