/** Longest name of an experiment or variant, in characters. Both are parts of keys, next to a user's id. */
export const NAME_LENGTH_MAX = 64;
