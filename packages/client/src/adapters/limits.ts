/** Most keys over their limit that a process remembers. Beyond that the oldest is dropped. */
export const COUNTED_KEYS_MAX = 10_000;
/** How much longer than its window a counter is stored, in seconds, because clocks of processes may differ. */
export const WINDOW_MARGIN_SECONDS = 60;
/** Longest pause of a caller that waits until its limiter lets it through, in milliseconds. */
export const READY_PAUSE_MS_MAX = 1_000;
