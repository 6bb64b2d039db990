/** Limits of one request to an Express-style function. */

/** Largest body that is parsed, in bytes (10 MiB). */
export const BODY_BYTES_MAX = 10_485_760;
/** Most parameters of a query string or form. */
export const PARAMETERS_MAX = 1_000;
/** How long a function may take to respond, in milliseconds, unless `--timeout` is given. */
export const EXECUTION_MS_MAX = 30_000;
