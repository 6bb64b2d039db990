/** Longest key of a client that is kept readable, in characters; each may take three bytes. */
export const CLIENT_KEY_LENGTH_MAX = 80;
/** How long a recipe waits for one request to its store unless told otherwise, in milliseconds. */
export const STORE_TIMEOUT_MS = 2_000;
/** After how many seconds a client may ask again that was refused because the store is away. */
export const STORE_RETRY_SECONDS = 1;
/** Longest time that a timer takes, in milliseconds: it is a 32-bit integer. */
export const TIMER_MS_MAX = 2_147_483_647;
/** How far a clock may step back and merely stand still for it, in milliseconds. */
export const CLOCK_STEP_BACK_MS_MAX = 1_000;
/** How often a read-change-write that others get in the way of is tried before it gives up. */
export const CHANGE_ATTEMPTS_MAX = 50;
/** Longest pause between two of these attempts, in milliseconds. */
export const CHANGE_PAUSE_MS_MAX = 100;
/** Longest time span that a recipe takes, in seconds: a hundred years. */
export const SPAN_SECONDS_MAX = 3_155_760_000;
/** Most calls of one process that wait for a change of the same entry. */
export const BATCH_WAITERS_MAX = 10_000;
/** Most variants of a flag or an experiment: each costs a hash at every choice. */
export const VARIANTS_MAX = 100;
/** Longest TTL that a binding takes, in seconds: its argument is a 32-bit integer. */
export const STORE_TTL_SECONDS_MAX = 2_147_483_647;
