/** Random bytes of a session's id. 256 bits cannot be guessed. */
export const SESSION_ID_BYTES = 32;
/**
 * How much longer than a session its entry in the index is stored, in seconds,
 * because clocks may differ: an hour.
 */
export const INDEX_MARGIN_SECONDS = 3_600;
/**
 * Smallest prolongation worth a write near the end of the lifetime, in milliseconds. Clocks differ by less.
 */
export const LAST_RENEWAL_MS_MIN = 60_000;
/** Most sessions that one commit removes. Each needs two operations, and a commit has at most 1,000. */
export const PLACES_PER_COMMIT_MAX = 400;
/** Number of passes of `revokeAll`, which looks again for sessions that were created or renamed meanwhile. */
export const REVOKE_PASSES_MAX = 100;
/** Most sessions of a user that `list` reads. */
export const LISTED_SESSIONS_MAX = 10_000;
/**
 * Most bytes of a cookie's name and value together in browsers.
 *
 * @see RFC 6265bis, section 5.6
 */
export const COOKIE_BYTES_MAX = 4096;
/**
 * Most bytes of a cookie's attribute. Browsers ignore longer ones.
 *
 * @see RFC 6265bis, section 5.6
 */
export const COOKIE_ATTRIBUTE_BYTES_MAX = 1024;
/**
 * Longest Max-Age that browsers accept, in seconds: 400 days.
 *
 * @see RFC 6265bis, section 5.6.2
 */
export const COOKIE_MAX_AGE_SECONDS_MAX = 34_560_000;
