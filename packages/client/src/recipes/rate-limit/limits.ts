import { SPAN_SECONDS_MAX } from "../limits.js";

/** Largest limit, in requests: what a structured field's integer can say. */
export const RATE_LIMIT_MAX = 999_999_999_999_999;
/** Longest window, in seconds. */
export const WINDOW_SECONDS_MAX = SPAN_SECONDS_MAX;
/** Parts of a sliding window: an admission counts for up to one part longer than the window. */
export const SLIDING_PARTS = 60;
/** Most checks of one key that one write decides. */
export const CHECKS_PER_WRITE_MAX = 1_000;
/** How much longer than its own time a counter is kept, for processes whose clocks differ, in seconds. */
export const CLOCK_DIFFERENCE_SECONDS = 60;
/** Longest name of a policy, in characters. */
export const POLICY_NAME_LENGTH_MAX = 64;
/** Most keys whose refusal a process remembers; beyond, the oldest is forgotten. */
export const REFUSED_KEYS_MAX = 10_000;
