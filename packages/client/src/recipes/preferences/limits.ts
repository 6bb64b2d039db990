/** Most bytes of a user's choices, as JSON (64 KiB). Each request that needs them reads all of them. */
export const PREFERENCES_BYTES_MAX = 65_536;
/** Deepest nesting of objects and arrays. */
export const PREFERENCES_DEPTH_MAX = 64;
