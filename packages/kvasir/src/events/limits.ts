/** How long a repeated text is not reported again, in milliseconds. */
export const REPEAT_MS = 60_000;
/** The number of texts that are remembered for that. */
export const REPEATED_TEXTS_MAX = 100;
/** Longest path and query that is logged, in characters. A line with it fits into one write to a pipe. */
export const PRINTED_TARGET_LENGTH_MAX = 1_500;
