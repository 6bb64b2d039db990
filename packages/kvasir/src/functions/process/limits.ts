/** Limits of process functions. */

/** How long a function may take to begin its response, in milliseconds. After that the client gets a 504. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** How long a process may take from start to ready, in milliseconds: large Python packages are slow to import. */
export const PROCESS_START_TIMEOUT_MS = 60_000;
/**
 * How long requests in flight and their background work may take to finish after SIGTERM, in
 * milliseconds. SIGKILL ends the rest.
 */
export const PROCESS_DRAIN_TIMEOUT_MS = 4_000;
/** How long before that deadline a process is asked for its remaining work, in milliseconds. */
export const LAST_PING_TIMEOUT_MS = 100;
/** How long a function has to notice that its client's request was cancelled, in milliseconds. */
export const ABANDON_GRACE_MS = 250;
/** Timeout of a ping, in milliseconds. A process that stays silent for longer is in an endless loop. */
export const PING_TIMEOUT_MS = 2_000;
/** How long the last output of a process may take to arrive after the process has ended, in milliseconds. */
export const OUTPUT_GRACE_MS = 500;
/** Timeout of a compilation, in milliseconds: the first build compiles the standard library. */
export const COMPILE_TIMEOUT_MS = 300_000;
/** Longest compiler output that is kept, in UTF-16 units. */
export const COMPILER_OUTPUT_LENGTH_MAX = 262_144;
/** Most errors that one build reports. */
export const COMPILE_ERRORS_MAX = 10;
