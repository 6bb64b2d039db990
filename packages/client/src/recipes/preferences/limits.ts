/** How deep objects and arrays may lie in each other. */
export const PREFERENCES_DEPTH_MAX = 64;
