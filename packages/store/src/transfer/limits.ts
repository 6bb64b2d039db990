import { KEY_BYTES_MAX, METADATA_BYTES_MAX, VALUE_BYTES_MAX } from "@kvasir/client/namespace";

/** Entries that are read together. */
export const EXPORT_PAGE_ENTRIES = 1_000;
/** Entries that are written together: several transactions, so that the next batch is parsed meanwhile. */
export const TRANSFER_BATCH_ENTRIES = 16_384;
/** A batch takes no further entry once its values have this many bytes (4 MiB). */
export const TRANSFER_BATCH_BYTES = 4_194_304;
/** Exported text is passed on in chunks of about this many UTF-16 units. */
export const EXPORT_CHUNK_LENGTH = 65_536;
/**
 * Longest line of a file of entries, in bytes: the largest value, each byte of which is written as `\u0000`,
 * with room for the other fields.
 */
export const LINE_BYTES_MAX = 6 * (VALUE_BYTES_MAX + KEY_BYTES_MAX + METADATA_BYTES_MAX) + 131_072;
/** Bytes of a file that are split into lines before those are handed on. */
export const READ_PIECE_BYTES = 65_536;
/** Longest content type of an entry, in characters. No HTTP request can carry a longer one. */
export const CONTENT_TYPE_LENGTH_MAX = 16_384;
/** Bytes of a file that are looked at to tell what it is. */
export const RECOGNIZED_BYTES = 512;
