/** How much load the connection fuzzer makes. */

/** Heap of the server under test, in mebibytes. */
export const SERVER_HEAP_MIB = 256;
/** Concurrent connections. */
export const LANES = 8;
/** Successive connections of a lane, in one round. */
export const SESSIONS = 4;
/** How long a connection may wait without a byte of the expected response, in milliseconds. */
export const SILENCE_MS_MAX = 20_000;
/**
 * How long a client that does not read waits for the server to accept more before it reads, in milliseconds.
 */
export const UNREAD_MS_MAX = 100;
/** How long the requests left in flight by an aborted connection may take to finish, in milliseconds. */
export const SETTLE_MS_MAX = 10_000;
/** How often a failing plan is run again to make it shorter. */
export const SHRINK_RUNS_MAX = 100;
/**
 * `SILENCE_MS_MAX` while a plan is made shorter, in milliseconds: hundreds of runs may all wait that long.
 */
export const SHRINK_SILENCE_MS_MAX = 2_000;
/** Failures of one round that are made shorter and reported. The others are only counted. */
export const EXPLAINED_MAX = 3;
/** Bytes of a request or a response that a transcript shows. */
export const SHOWN_BYTES_MAX = 600;
/** How long `/healthz` may take before the server counts as ended, in milliseconds. */
export const HEALTH_MS_MAX = 10_000;
/** Pieces in which a request is written. The rest is sent at once, because more pieces would only be slow. */
export const PIECES_MAX = 400;
/** Chunks of a body for which the plan's sizes are used. The rest of the body is one chunk. */
export const CHUNKS_MAX = 200;
