/** Random bytes of a session's id: 256 bits, which nobody guesses. */
export const SESSION_ID_BYTES = 32;
/** How much longer than a session its entry in the index is kept, in seconds, for clocks may differ: an hour. */
export const INDEX_MARGIN_SECONDS = 3_600;
/** How little is worth prolonging a session by before its lifetime ends, in milliseconds; clocks differ by less. */
export const LAST_RENEWAL_MS_MIN = 60_000;
/** Most sessions that one commit takes away: each is two of its operations, of which 1,000 fit. */
export const PLACES_PER_COMMIT_MAX = 400;
/** How often `revokeAll` looks again for sessions that were made or renamed meanwhile. */
export const REVOKE_PASSES_MAX = 100;
/** Most sessions of a user that `list` reads. */
export const LISTED_SESSIONS_MAX = 10_000;
/** Most bytes of a cookie's name and value together, as browsers have it. @see RFC 6265bis, section 5.6 */
export const COOKIE_BYTES_MAX = 4096;
/** Most bytes of a cookie's attribute; browsers ignore longer ones. @see RFC 6265bis, section 5.6 */
export const COOKIE_ATTRIBUTE_BYTES_MAX = 1024;
/** Longest Max-Age that browsers keep to, in seconds: 400 days. @see RFC 6265bis, section 5.6.2 */
export const COOKIE_MAX_AGE_SECONDS_MAX = 34_560_000;
