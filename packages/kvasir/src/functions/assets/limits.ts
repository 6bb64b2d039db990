/** Limits of static assets. They are Cloudflare's. */

/** Largest file, in bytes. */
export const ASSET_BYTES_MAX = 25 * 1024 * 1024;
/** Largest number of files. */
export const ASSET_COUNT_MAX = 100_000;
/** Longest line of `_headers` and `_redirects`, in UTF-16 units. */
export const RULE_LINE_LENGTH_MAX = 2_000;
export const HEADER_RULES_MAX = 100;
export const STATIC_REDIRECTS_MAX = 2_000;
/** Redirects with `*` or `:name`. */
export const DYNAMIC_REDIRECTS_MAX = 100;
/** Most patterns of `run_worker_first`. */
export const WORKER_FIRST_RULES_MAX = 100;
/** Longest pattern of `run_worker_first`, in UTF-16 units. */
export const WORKER_FIRST_RULE_LENGTH_MAX = 100;
