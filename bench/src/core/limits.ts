/** The bounds and sizes that are the same at every effort (`effort.ts` has the others). */

/** How long a child process may take to report that it is ready, in milliseconds. */
export const START_MS_MAX = 60_000;
/** How long filling a directory may take, in milliseconds. Ten million entries take minutes. */
export const FILL_MS_MAX = 900_000;
/** How long a child process may take to stop before it is killed, in milliseconds. */
export const STOP_MS_MAX = 6_000;
/** How long it may take until an edit is served, in milliseconds. Then the measurement fails. */
export const EDIT_MS_MAX = 10_000;
/** Starts and edits measured for each project of the `dev` scenario. */
export const DEV_STARTS = 5;
export const DEV_EDITS = 7;
/** Keys that the HTTP scenarios read and write in turn. */
export const HTTP_KEYS = 100;
/** Size of a small value, in bytes. It is text, as most values in Workers KV are. */
export const SMALL_VALUE_BYTES = 100;
/** Largest value that Workers KV accepts, in bytes. */
export const LARGE_VALUE_BYTES = 26_214_400;
/** Concurrent large values in the memory scenario. */
export const LARGE_VALUES_AT_ONCE = 8;
/** How often each of them is written and read. */
export const LARGE_ROUNDS = 4;
/** The number of keys that the targets refer to. */
export const TARGET_KEYS = 10_000_000;
/** How often the sweeper is measured. */
export const SWEEP_ROUNDS = 3;
/** How often a backup is measured, after one round that is not counted. */
export const BACKUP_ROUNDS = 3;
/** Size of the values of a store that is backed up, in bytes. */
export const BACKUP_VALUE_BYTES = 900;
/** How long writers are measured beside a backup, in milliseconds: about as long as one takes. */
export const BACKUP_WRITE_MS = 5000;
/** How long reads are measured during a sweep, in milliseconds per entry. Shorter than the sweep takes. */
export const SWEEP_READ_MS_PER_ENTRY = 0.002;
/** Percentiles of the response times that are measured, for the rows and for the curve. */
export const LATENCY_PERCENTS: readonly number[] = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99];
/** How long requests arrive before the measurement begins, in milliseconds. */
export const ARRIVALS_SETTLE_MS = 1000;
/** Interval at which the generator checks which requests are due, in milliseconds. This is its own error. */
export const TICK_MS = 0.2;
/** Due but unsent requests at which a measurement is aborted, because the server cannot keep up. */
export const ARRIVALS_WAITING_MAX = 200_000;
/** Pairs that are written to a store at a time when it is filled: the most that Deno KV accepts. */
export const PAIRS_OF_A_FILL = 1000;
/** Keys of a bulk get: the most that Workers KV accepts. */
export const BULK_GET_KEYS = 100;
/** Keys that are read repeatedly by measurements of few keys among many. */
export const HOT_KEYS = 1000;
/** Pairs of one `atomic()`: the most that it accepts. */
export const BULK_PUT_KEYS = 1000;
/** Keys of a page of a list: the longest page. */
export const LIST_KEYS = 1000;
/** Memory loads between two reads of the clock. */
export const MEMORY_LOADS_AT_ONCE = 10_000;
/** Smallest memory for these loads, in bytes. */
export const MEMORY_LOADS_BYTES_MIN = 65_536;
