/** How long a process may take to be ready or to end, in milliseconds. */
export const PROCESS_MS_MAX = 20_000;

/** The same where it may build a Go program: the first build on a machine compiles the standard library. */
export const FIRST_BUILD_TIMEOUT_MS = 240_000;
