/** The bounds of functions that are processes of their own. */

/** How long a function may take until its answer begins, in milliseconds; a client then gets 504. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** How long a process may take from start to ready, in milliseconds: large Python packages are slow to import. */
export const PROCESS_START_TIMEOUT_MS = 60_000;
/**
 * How long requests under way, and the work that they began, may take to finish after SIGTERM, in
 * milliseconds; SIGKILL ends the rest.
 */
export const PROCESS_DRAIN_TIMEOUT_MS = 4_000;
/** How long before that a process is asked what it still does, in milliseconds. */
export const LAST_PING_TIMEOUT_MS = 100;
/** How long a function has to notice that its client was sent away, in milliseconds. */
export const ABANDON_GRACE_MS = 250;
/** How long a process that works may take to say so, in milliseconds; a longer silence is an endless loop. */
export const PING_TIMEOUT_MS = 2_000;
/** How long the last output of a process that has ended may take to come in, in milliseconds. */
export const OUTPUT_GRACE_MS = 500;
/** How long a compiler may take, in milliseconds: the first build compiles the standard library. */
export const COMPILE_TIMEOUT_MS = 300_000;
/** Most text that is kept of a compiler's output, in UTF-16 units. */
export const COMPILER_OUTPUT_LENGTH_MAX = 262_144;
/** Most errors that one build reports. */
export const COMPILE_ERRORS_MAX = 10;
