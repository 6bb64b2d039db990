/** Longest name of an experiment or variant, in characters: both are part of keys, beside a user's id. */
export const NAME_LENGTH_MAX = 64;
