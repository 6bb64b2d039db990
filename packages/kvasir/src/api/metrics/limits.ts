/** How long `/metrics` waits for a new count of all keys before it shows the last one, in milliseconds. */
export const USAGE_WAIT_MS = 250;
/** Keys are counted again after this many times the duration of the last count, so at most 2 % of the time. */
export const USAGE_REST_FACTOR = 50;
