/** `serve` and `dev` end this long after the first signal, whatever is still under way, in milliseconds. */
export const SHUTDOWN_MS_MAX = 4500;
/** What a start that failed had started already is closed within this long, in milliseconds. */
export const FAILED_START_MS_MAX = 800;
/** A command that failed ends this long after its message, whatever it has left open, in milliseconds. */
export const FAILED_EXIT_MS_MAX = 100;
/** Wait before a worker that crashed is started again; doubles with every crash in a row, in milliseconds. */
export const RESTART_MS_MIN = 100;
export const RESTART_MS_MAX = 10_000;
/** A worker that has lived this long starts the count of crashes afresh, in milliseconds. */
export const STABLE_AFTER_MS = 30_000;
/** Most processes of one `serve`. */
export const WORKERS_MAX = 64;
/** Signals this close together are one: npx passes on the Ctrl-C that the terminal has sent as well, in milliseconds. */
export const SAME_SIGNAL_MS = 100;
/** How long a worker may take to tell what it counts before `/metrics` answers without it, in milliseconds. */
export const METRICS_WAIT_MS = 1000;
/** How long a function that is no Worker may take to answer, in seconds, unless `--timeout` says otherwise; and at most. */
export const REQUEST_TIMEOUT_SECONDS = 30;
export const REQUEST_TIMEOUT_SECONDS_MAX = 86_400;
