/** The bounds of an engine and of the work that one call may do. */

/**
 * A value up to this size lies beside its entry; a larger one lies apart, so that a list never pages it in.
 */
export const INLINE_VALUE_BYTES_MAX = 1024;
/** Size of the parts in which a large value is stored and streamed, in bytes. */
export const PART_BYTES = 131_072;
/** Most entries looked at for one page of a list, expired ones included. */
export const LIST_SCAN_MAX = 10_000;
/** Most bytes of values in one page of a list with values (25 MiB). */
export const LIST_VALUE_BYTES_MAX = 26_214_400;
/** Changes remembered for watchers that resume. */
export const CHANGES_REMEMBERED = 100_000;
/**
 * How long a replaced large value can still be read to its end by readers that have begun, in milliseconds.
 */
export const RECLAIM_AFTER_MS = 600_000;
/** Entries deleted in one batch by `deleteRange`. */
export const DELETE_BATCH_MAX = 1000;
