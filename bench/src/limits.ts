/** How long and how often is measured. Quick by default; `--full` measures longer and at larger sizes. */

/** Measured rounds of each contestant. */
export const ROUNDS = 5;
export const ROUNDS_FULL = 11;
/** Rounds of the rows that are only there for context (other numbers of connections). */
export const ROUNDS_CONTEXT = 3;
/** Length of one measured round, in milliseconds. */
export const ROUND_MS = 1200;
export const ROUND_MS_FULL = 5000;
/** Length of the one round before, which lets the compiler settle and the pages come in. */
export const WARMUP_MS = 1200;
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
/** Times that the sweeper is measured. */
export const SWEEP_ROUNDS = 3;
/** How long is read while it sweeps, in milliseconds; shorter than a sweep under load takes. */
export const SWEEP_READ_MS = 600;
