/** How long after the first signal `serve` and `dev` end, whatever is still in flight, in milliseconds. */
export const SHUTDOWN_MS_MAX = 4500;
/** How long a failed start takes at most to close what it had started, in milliseconds. */
export const FAILED_START_MS_MAX = 800;
/** How long after its message a failed command ends, whatever it has left open, in milliseconds. */
export const FAILED_EXIT_MS_MAX = 100;
/** Wait before a crashed worker is restarted, in milliseconds. It doubles with every crash in a row. */
export const RESTART_MS_MIN = 100;
export const RESTART_MS_MAX = 10_000;
/** The count of crashes in a row starts again if a worker has lived this long, in milliseconds. */
export const STABLE_AFTER_MS = 30_000;
/** Most processes of one `serve`. */
export const WORKERS_MAX = 64;
/**
 * Signals this close together count as one, in milliseconds. npx passes on a Ctrl-C that the terminal has
 * also sent.
 */
export const SAME_SIGNAL_MS = 100;
/** How long `/metrics` waits for the counts of a worker before it responds without them, in milliseconds. */
export const METRICS_WAIT_MS = 1000;
/**
 * How long a function that is not a Worker may take to respond, in seconds: the default and the maximum of
 * `--timeout`.
 */
export const REQUEST_TIMEOUT_SECONDS = 30;
export const REQUEST_TIMEOUT_SECONDS_MAX = 86_400;
/** Most bytes of the responses in Workers' caches (512 MiB), unless `--cache-size` says otherwise. */
export const CACHE_BYTES_MAX = 536_870_912;
/** Largest `--cache-size`, in MiB (256 GiB). */
export const CACHE_MIB_MAX = 262_144;
/** How long a certificate of `dev` is valid, in days. */
export const CERTIFICATE_DAYS = 365;
/** A start with a certificate that is valid for fewer days than this makes a new one. */
export const CERTIFICATE_RENEWAL_DAYS = 30;
export const BYTES_PER_MIB = 1_048_576;
