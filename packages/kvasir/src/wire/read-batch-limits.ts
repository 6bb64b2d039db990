/** The bounds of a batch of reads, for both of its ends. */

/** Most keys of one batch; workerd starts another. */
export const READ_BATCH_KEYS_MAX = 100;
/** Longest query of one batch, in characters. The server takes headers of 16 KiB, request line included. */
export const READ_BATCH_QUERY_LENGTH_MAX = 8_192;
/** Largest value that goes with others, in bytes (1 MiB): one that is larger is read by itself, as a stream. */
export const READ_BATCH_VALUE_BYTES_MAX = 1_048_576;
/** Most bytes of values in one answer (4 MiB); values beyond them are read by themselves. */
export const READ_BATCH_BYTES_MAX = 4_194_304;
