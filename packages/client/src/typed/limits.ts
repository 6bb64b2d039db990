/** Most requests for single keys that one call has under way at a time; a binding may queue some of them itself. */
export const SINGLE_REQUESTS_MAX = 50;
/** Most bulk reads that one call has under way at a time; each may bring 25 MiB. */
export const BULK_READS_MAX = 4;
/** How many values `list()` reads ahead of its caller where they are bytes, which no bulk read brings. */
export const BYTES_READ_AHEAD = 8;
