/** Most bytes of what somebody chose, as JSON (64 KiB): it is read whole with each request that needs it. */
export const PREFERENCES_BYTES_MAX = 65_536;
/** How deep objects and arrays may lie in each other. */
export const PREFERENCES_DEPTH_MAX = 64;
