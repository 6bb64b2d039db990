/** Most requests for single keys that one call has in flight. A binding may queue some of them itself. */
export const SINGLE_REQUESTS_MAX = 50;
/** Most bulk reads that one call has in flight. Each may return 25 MiB. */
export const BULK_READS_MAX = 4;
/** How many values `list()` reads ahead if they are bytes, which bulk reads do not support. */
export const BYTES_READ_AHEAD = 8;
