/** How long the same text is not told again, in milliseconds. */
export const REPEAT_MS = 60_000;
/** Texts that are remembered for that. */
export const REPEATED_TEXTS_MAX = 100;
