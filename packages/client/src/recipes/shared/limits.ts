/** Longest client key that stays readable, in characters. Each may take three bytes. */
export const CLIENT_KEY_LENGTH_MAX = 80;
/** Default time limit of one request to the store, in milliseconds. */
export const STORE_TIMEOUT_MS = 2_000;
/** `Retry-After` for a client whose request failed because the store is unavailable, in seconds. */
export const STORE_RETRY_SECONDS = 1;
/** Longest time of a timer, in milliseconds: it is a 32-bit integer. */
export const TIMER_MS_MAX = 2_147_483_647;
/** Largest step back of a clock for which the time merely stands still, in milliseconds. */
export const CLOCK_STEP_BACK_MS_MAX = 1_000;
/** Number of attempts of a read-change-write under contention. */
export const CHANGE_ATTEMPTS_MAX = 50;
/** Longest pause between two of these attempts, in milliseconds. */
export const CHANGE_PAUSE_MS_MAX = 100;
/** Longest time span in options of recipes, in seconds: a hundred years. */
export const SPAN_SECONDS_MAX = 3_155_760_000;
/** Most calls of one process that may wait for a change of the same entry. */
export const BATCH_WAITERS_MAX = 10_000;
/** Most variants of a flag or an experiment. Each choice computes one hash for each variant. */
export const VARIANTS_MAX = 100;
/** Longest TTL that a binding accepts, in seconds: its argument is a 32-bit integer. */
export const STORE_TTL_SECONDS_MAX = 2_147_483_647;
