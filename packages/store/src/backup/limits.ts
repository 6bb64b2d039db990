/** The bounds of backups. */

/** Name of the file that describes a backup, beside its data file. */
export const MANIFEST_FILE = "backup.json";
/** Largest manifest that is read, in bytes. */
export const MANIFEST_BYTES_MAX = 65_536;
/**
 * A copy flushes what it has written each time it has written so many bytes (4 MiB). Durable writes of others wait for
 * one portion at most.
 */
export const FLUSH_BYTES = 4_194_304;
/** Bytes of a file that are read at a time (1 MiB). */
export const READ_BYTES = 1_048_576;
/**
 * An unfinished copy of another machine is left over if nothing was written to it for so long, in milliseconds (one
 * day).
 */
export const LEFT_OVER_AFTER_MS = 86_400_000;
/** Times that an error names for `restore --at`. */
export const TIMES_NAMED_MAX = 10;
