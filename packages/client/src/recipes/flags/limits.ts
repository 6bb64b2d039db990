/**
 * Most users of an allow or deny list. A list is one value and is read whole. Use a rule for larger groups.
 */
export const LISTED_USERS_MAX = 10_000;
/** Most rules of a flag. They are tried one after the other. */
export const RULES_MAX = 100;
/** Most flags that are kept in memory. Beyond that the oldest is dropped. */
export const REMEMBERED_FLAGS_MAX = 1_000;
/** Deepest chain of flags that require each other. Flags beyond it count as missing. */
export const REQUIRED_LEVELS_MAX = 10;
