/** Most events of one append, and of what one commit gathers. */
export const EVENTS_PER_COMMIT_MAX = 200;
/** Most bytes of one event, and of all that one commit gathers, as JSON (1 MiB). */
export const COMMIT_BYTES_MAX = 1_048_576;
/** Events of a page unless told otherwise. */
export const PAGE_EVENTS = 50;
/** Most events that one trim removes. */
export const TRIMMED_EVENTS_MAX = 500;
/** How long the id of an append is remembered, in seconds: a day. */
export const ID_SECONDS = 86_400;
/** How often an append whose answer was lost is tried again. */
export const LOST_ANSWERS_MAX = 2;
/** Digits of an event's number in its key: those of the largest safe integer. */
export const SEQUENCE_DIGITS = 16;
/** Digits of a time in a key, in milliseconds: enough for 30,000 years. */
export const TIME_DIGITS = 15;
