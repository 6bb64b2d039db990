/** The bounds and sizes that are the same at every effort (`effort.ts` has the others). */

/** How long a child process may take to say that it is ready, in milliseconds. */
export const START_MS_MAX = 60_000;
/** How long filling a directory may take, in milliseconds: ten million entries take minutes. */
export const FILL_MS_MAX = 900_000;
/** How long a child process may take to stop before it is killed, in milliseconds. */
export const STOP_MS_MAX = 6_000;
/** How long an edit may take to be served before the measurement is given up, in milliseconds. */
export const EDIT_MS_MAX = 10_000;
/** Starts and edits measured for each project of the `dev` scenario. */
export const DEV_STARTS = 5;
export const DEV_EDITS = 7;
/** Keys that the HTTP scenarios read and write in turn. */
export const HTTP_KEYS = 100;
/** Bytes of one small value: text, as most values of Workers KV are. */
export const SMALL_VALUE_BYTES = 100;
/** Bytes of the largest value that Workers KV takes. */
export const LARGE_VALUE_BYTES = 26_214_400;
/** Large values in flight at once in the memory scenario. */
export const LARGE_VALUES_AT_ONCE = 8;
/** How often each of them is written and read. */
export const LARGE_ROUNDS = 4;
/** The number of keys that the targets are about. */
export const TARGET_KEYS = 10_000_000;
/** Times that the sweeper is measured. */
export const SWEEP_ROUNDS = 3;
/** How long is read while it sweeps, in milliseconds for each entry: shorter than a sweep of them takes. */
export const SWEEP_READ_MS_PER_ENTRY = 0.002;
/** Percentiles of the answers' times that are measured, for the rows and for the curve. */
export const LATENCY_PERCENTS: readonly number[] = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99];
/** How long requests arrive before those that are counted, in milliseconds. */
export const ARRIVALS_SETTLE_MS = 1000;
/** How often the generator looks which requests are due, in milliseconds: its own error. */
export const TICK_MS = 0.2;
/** Requests that may be due and unsent before a measurement is given up: the server cannot keep up. */
export const ARRIVALS_WAITING_MAX = 200_000;
/** Pairs that a store is filled with at a time: as many as Deno KV takes. */
export const PAIRS_OF_A_FILL = 1000;
/** Keys of a bulk get: as many as Workers KV takes. */
export const BULK_GET_KEYS = 100;
/** Keys that are asked for again and again where it is about a few among many. */
export const HOT_KEYS = 1000;
/** Pairs of one `atomic()`: as many as it takes. */
export const BULK_PUT_KEYS = 1000;
/** Keys of a page of a list: a whole one. */
export const LIST_KEYS = 1000;
/** Loads from memory between two looks at the clock. */
export const MEMORY_LOADS_AT_ONCE = 10_000;
/** Least memory that they come from, in bytes. */
export const MEMORY_LOADS_BYTES_MIN = 65_536;
