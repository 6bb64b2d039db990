/** How long a repeated text is not reported again, in milliseconds. */
export const REPEAT_MS = 60_000;
/** The number of texts that are remembered for that. */
export const REPEATED_TEXTS_MAX = 100;
