/** The bounds of a batch of reads, shared by client and server. */

/** Most keys of one batch. workerd sends the rest in another batch. */
export const READ_BATCH_KEYS_MAX = 100;
/** Longest query of one batch, in characters. The server takes headers of 16 KiB, request line included. */
export const READ_BATCH_QUERY_LENGTH_MAX = 8_192;
/** Largest value in a batch, in bytes (1 MiB). A larger value is read by itself, as a stream. */
export const READ_BATCH_VALUE_BYTES_MAX = 1_048_576;
/** Most bytes of values in one response (4 MiB). The values that exceed it are read by themselves. */
export const READ_BATCH_BYTES_MAX = 4_194_304;
