/** How hard the fuzzer of connections pushes. */

/** Heap of the server under test, in mebibytes. */
export const SERVER_HEAP_MIB = 256;
/** Connections at a time. */
export const LANES = 8;
/** Connections that follow each other in a lane, in one round. */
export const SESSIONS = 4;
/** How long a connection may go without a byte of a response that it waits for, in milliseconds. */
export const SILENCE_MS_MAX = 20_000;
/** How long a client that reads nothing waits for the server to take more, in milliseconds; then it reads. */
export const UNREAD_MS_MAX = 100;
/** How long what an aborted connection left under way may take to finish, in milliseconds. */
export const SETTLE_MS_MAX = 10_000;
/** Times that a failing plan is run again to make it shorter. */
export const SHRINK_RUNS_MAX = 100;
/** The same as `SILENCE_MS_MAX` while a plan is made shorter, in milliseconds: hundreds of runs may all wait for it. */
export const SHRINK_SILENCE_MS_MAX = 2_000;
/** Failures of one round that are made shorter and told; the others are counted. */
export const EXPLAINED_MAX = 3;
/** Bytes of a request or a response that a transcript shows. */
export const SHOWN_BYTES_MAX = 600;
/** How long `/healthz` may take before the server counts as ended, in milliseconds. */
export const HEALTH_MS_MAX = 10_000;
/** Pieces that a request is written in; the rest of it leaves at once. More of them are only slow. */
export const PIECES_MAX = 400;
/** Chunks that the sizes of a plan are kept to; what is left of the body is one chunk. */
export const CHUNKS_MAX = 200;
