import { SPAN_SECONDS_MAX } from "../shared/limits.js";

/** Largest limit, in requests: the largest integer of a structured field. */
export const RATE_LIMIT_MAX = 999_999_999_999_999;
/** Longest window, in seconds. */
export const WINDOW_SECONDS_MAX = SPAN_SECONDS_MAX;
/**
 * Number of parts of a sliding window. An allowed request counts for up to one part longer than the window.
 */
export const SLIDING_PARTS = 60;
/** Most checks of one key that share one write. */
export const CHECKS_PER_WRITE_MAX = 1_000;
/**
 * How much longer than its window a counter is stored, in seconds, because clocks of processes may differ.
 */
export const CLOCK_DIFFERENCE_SECONDS = 60;
/** Longest name of a policy, in characters. */
export const POLICY_NAME_LENGTH_MAX = 64;
/** Most keys whose rejection a process remembers. Beyond that the oldest is dropped. */
export const REFUSED_KEYS_MAX = 10_000;
