/** Most events of one append and of one commit. */
export const EVENTS_PER_COMMIT_MAX = 200;
/** Most bytes of one event, and of all events of one commit, as JSON (1 MiB). */
export const COMMIT_BYTES_MAX = 1_048_576;
/** Default number of events of a page. */
export const PAGE_EVENTS = 50;
/** Most events that one trim removes. */
export const TRIMMED_EVENTS_MAX = 500;
/** How long the id of an append is remembered, in seconds: a day. */
export const ID_SECONDS = 86_400;
/** Number of retries of an append whose response was lost. */
export const LOST_ANSWERS_MAX = 2;
/** Digits of an event's number in its key, enough for the largest safe integer. */
export const SEQUENCE_DIGITS = 16;
/** Digits of a time in a key, in milliseconds: enough for 30,000 years. */
export const TIME_DIGITS = 15;
