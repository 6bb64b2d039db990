/** The bounds of the HTTP server: memory and time of one request, and memory of all requests together. */

/**
 * Request line and headers, in bytes. Three times the space for a percent-encoded 512-byte key and 1,024
 * bytes of metadata.
 */
export const HEADER_BYTES_MAX = 16_384;
/**
 * The same for the Cache API, in bytes: a Worker may look for a URL of any length, with all headers of a
 * request.
 */
export const CACHE_HEADER_BYTES_MAX = 262_144;
/** Longest request head that is read directly from the socket, in bytes. Node's parser reads longer ones. */
export const DIRECT_HEAD_BYTES_MAX = 8_192;
/** Most headers of such a head. */
export const DIRECT_HEADERS_MAX = 64;
/**
 * Headers up to this size, in bytes, are kept with their connection, to be compared with those of the next
 * request.
 */
export const DIRECT_HEADERS_KEPT_BYTES_MAX = 2_048;
/** How long the headers of a request may take to arrive, in milliseconds. */
export const HEADERS_TIMEOUT_MS = 20_000;
/** How long a whole request may take to arrive, in milliseconds. */
export const REQUEST_TIMEOUT_MS = 300_000;
/**
 * How long an idle connection is kept for the next request, in milliseconds. It must be longer than clients
 * and proxies keep theirs (mostly 60 s). Otherwise a request may arrive while its connection is being closed
 * and be lost, and a write cannot safely be retried.
 */
export const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** How long a connection with a request in flight may be silent in both directions, in milliseconds. */
export const SOCKET_IDLE_TIMEOUT_MS = 60_000;
/** Interval at which these four timeouts are checked, in milliseconds. */
export const TIMEOUT_CHECK_INTERVAL_MS = 1_000;
/** Most open connections. Further ones are closed at once. */
export const CONNECTIONS_MAX = 10_000;
/** The largest share of the process's file descriptors that connections may use. */
export const CONNECTION_FILES_SHARE = 0.5;
/**
 * Connections that wait to be accepted. A unix socket refuses further ones at once (EAGAIN). With Node's
 * default of 511, a Worker that starts a thousand writes together would see that as an internal error.
 */
export const LISTEN_BACKLOG = 4096;

/** Largest body of a request that is small by nature (a title, a token, a list of 100 keys), in bytes. */
export const SMALL_BODY_BYTES_MAX = 1_048_576;
/** Largest body of a Cloudflare bulk request, in bytes (their documented 100 MB). */
export const BULK_BODY_BYTES_MAX = 100_000_000;
/** Largest body of an atomic commit, in bytes: one value of 25 MiB in base64, with room for the rest. */
export const ATOMIC_BODY_BYTES_MAX = 36_700_160;
/**
 * A body up to this size, in bytes, is read in one piece. A longer one is streamed or parsed piece by piece.
 */
export const ONE_PIECE_BYTES_MAX = 65_536;
/** Smallest buffer for a body (or a head) that arrives in parts, in bytes. It doubles as it grows. */
export const BODY_BUFFER_BYTES_MIN = 256;
/** Smaller parts of a streamed body are gathered into parts of this size, in bytes. */
export const BODY_PART_BYTES_MIN = 16_384;
/** A JSON body up to this size, in bytes, is parsed in one piece. A longer one is parsed incrementally. */
export const JSON_ONE_PIECE_BYTES_MAX = 1_048_576;

/**
 * Memory that requests share for bodies and responses, in bytes. One request at a time may hold its body in
 * addition.
 */
export const BUFFERED_BYTES_MAX = 134_217_728;
/**
 * Requests that may wait for that memory. Further ones get 503. A Worker may start a thousand writes
 * together.
 */
export const BUFFER_WAITERS_MAX = 2_048;
/** Requests of one client that may wait for it while other clients use the server. Further ones get 503. */
export const BUFFER_WAITERS_PER_CLIENT_MAX = 512;
/**
 * The number of shares into which the memory is divided, one per client, if there are no more clients than
 * that.
 */
export const BUFFER_CLIENT_SHARES = 4;
/** How long a request waits for that memory before it gets 503, in milliseconds. */
export const BUFFER_WAIT_MS = 20_000;
/**
 * The fraction of that wait after which a client within its share takes precedence: requests of clients over
 * their share are then ended.
 */
export const BUFFER_FAIR_WAIT_FRACTION = 0.5;
/**
 * Interval at which requests that hold memory are checked for progress while others wait, in milliseconds.
 */
export const STALL_MS = 5_000;
/**
 * What a client must send or receive in that interval for its request to continue while others wait, in
 * bytes.
 */
export const STALL_BYTES_MIN = 5_120;
/** How much of a refused body is read and discarded, so that the client sees the response, in bytes. */
export const REFUSED_BODY_BYTES_MAX = 33_554_432;
/** How long a refused body is read, in milliseconds. */
export const REFUSED_BODY_MS_MAX = 10_000;
/**
 * Memory of a value that streams to disk, in bytes: a batch of parts, the part being filled and the part
 * arriving.
 */
export const STREAMED_BODY_HELD_BYTES = 1_310_720;
/**
 * Memory of a response with stored bytes while it is written: the current part, and what the socket has
 * buffered of it.
 */
export const RESPONSE_HELD_BYTES = 262_144;
/** The same for values as JSON, whose parts may be six times as long. */
export const JSON_RESPONSE_HELD_BYTES = 1_048_576;
/** Memory of the object that represents a row of a list, in bytes. */
export const LIST_ROW_BYTES = 256;
/** Most memory of one row of a list, in bytes: a key, its metadata and the object that holds them. */
export const LIST_ROW_BYTES_MAX = 2_048;
/** Further memory of a list row that includes its value, if the value is stored in the entry, in bytes. */
export const LIST_ROW_VALUE_BYTES_MAX = 1_024;
/** Longest time for which short requests go first after a part of a long response, in milliseconds. */
export const TURN_REST_MS_MAX = 20;
/** A page with at most this many keys is short: it is read at once, without waiting for a turn. */
export const SHORT_PAGE_ROWS_MAX = 100;
/**
 * Most objects, arrays and members in an atomic commit: enough for 1,000 operations with the most complex
 * metadata.
 */
export const ATOMIC_TOKENS_MAX = 1_048_576;
/** Memory of an export: a page of entries with their values, and the text that is being made of them, in bytes. */
export const EXPORT_HELD_BYTES = 4_194_304;
/** Memory of an import: entries that are parsed while others are written, in bytes. */
export const IMPORT_HELD_BYTES = 8_388_608;
/** Refused entries that the response to an import names: all of a batch that `kvasir import` sends. */
export const IMPORT_PROBLEMS_MAX = 16_384;
/** Memory of parsed JSON, as a multiple of its text. */
export const PARSED_JSON_FACTOR = 3;

/**
 * A value up to this size, in bytes, is sent as text together with the head of its response. A longer one is
 * written separately.
 */
export const ONE_WRITE_BYTES_MAX = 1_024;
/** Size of the pieces in which a long response is written, in bytes. */
export const ANSWER_CHUNK_BYTES = 65_536;
/** Most bytes of a multipart body in addition to its value. */
export const MULTIPART_OVERHEAD_BYTES_MAX = 1_048_576;
/** Largest multipart field other than the value, in bytes. */
export const MULTIPART_FIELD_BYTES_MAX = 65_536;
/** Most parts of a multipart body (flattened metadata has one for each leaf). */
export const MULTIPART_PARTS_MAX = 1_000;
/** So much of a multipart body is read at once, in bytes; more takes turns with long responses, for it can be all parts. */
export const SHORT_FORM_BYTES_MAX = 4_096;
/** Deepest nesting of JSON in a bulk request, items and their metadata included. */
export const JSON_DEPTH_MAX = 128;
/** Most JSON tokens of one item of a bulk request: 1,024 bytes of metadata cannot hold more. */
export const BULK_ITEM_TOKENS_MAX = 4_096;
/** Pairs or names of one Cloudflare bulk write or delete. */
export const BULK_PAIRS_MAX = 10_000;

/** Interval of heartbeats in an event stream without events, in milliseconds. */
export const HEARTBEAT_INTERVAL_MS = 15_000;
/** Interval at which the tokens of requests in flight are checked, in milliseconds. */
export const WITHDRAWAL_INTERVAL_MS = 500;
/** Most concurrent event streams. Further ones get 503. */
export const EVENT_STREAMS_MAX = 1_000;

/** How long requests in flight may go on after `close()`, in milliseconds. Then their connections are cut. */
export const SHUTDOWN_GRACE_MS = 4_000;

/** Longest reason phrase of a response, in characters. */
export const REASON_PHRASE_LENGTH_MAX = 512;
/** Namespace objects that are kept for further requests. When there are more, all are dropped. */
export const NAMESPACE_CACHE_MAX = 10_000;
/** Longest id of a namespace, in characters. */
export const NAMESPACE_ID_LENGTH_MAX = 64;
/** Longest name of a token, in characters. */
export const TOKEN_NAME_LENGTH_MAX = 256;
/** Most namespaces that one token can be bound to. */
export const TOKEN_NAMESPACES_MAX = 1_000;

/** Backups that a server sends at the same time. */
export const SNAPSHOTS_AT_ONCE = 2;
/** Memory that is counted for a backup that is sent: a part being read and one being sent (8 MiB). */
export const SNAPSHOT_HELD_BYTES = 8_388_608;
/** How often a check that goes on sends an empty line, in milliseconds. */
export const CHECK_HEARTBEAT_MS = 5000;
/** The limits of a listener. Tests lower some of them to save time. */
export interface HttpLimits {
  /** Longest request line and headers, in bytes. @default {@link HEADER_BYTES_MAX} */
  readonly headerBytesMax: number;
  /** @default {@link HEADERS_TIMEOUT_MS} */
  readonly headersTimeoutMs: number;
  /** @default {@link REQUEST_TIMEOUT_MS} */
  readonly requestTimeoutMs: number;
  /** @default {@link KEEP_ALIVE_TIMEOUT_MS} */
  readonly keepAliveTimeoutMs: number;
  /** @default {@link SOCKET_IDLE_TIMEOUT_MS} */
  readonly socketIdleTimeoutMs: number;
  /** @default {@link TIMEOUT_CHECK_INTERVAL_MS} */
  readonly timeoutCheckIntervalMs: number;
  /** @default {@link BUFFERED_BYTES_MAX} */
  readonly bufferedBytesMax: number;
  /** @default {@link BUFFER_WAIT_MS} */
  readonly bufferWaitMs: number;
  /** @default {@link STALL_MS} */
  readonly stallMs: number;
  /** @default {@link REFUSED_BODY_MS_MAX} */
  readonly refusedBodyMs: number;
  /** @default {@link HEARTBEAT_INTERVAL_MS} */
  readonly heartbeatIntervalMs: number;
  /** @default {@link SHUTDOWN_GRACE_MS} */
  readonly shutdownGraceMs: number;
}

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  headerBytesMax: HEADER_BYTES_MAX,
  headersTimeoutMs: HEADERS_TIMEOUT_MS,
  requestTimeoutMs: REQUEST_TIMEOUT_MS,
  keepAliveTimeoutMs: KEEP_ALIVE_TIMEOUT_MS,
  socketIdleTimeoutMs: SOCKET_IDLE_TIMEOUT_MS,
  timeoutCheckIntervalMs: TIMEOUT_CHECK_INTERVAL_MS,
  bufferedBytesMax: BUFFERED_BYTES_MAX,
  bufferWaitMs: BUFFER_WAIT_MS,
  stallMs: STALL_MS,
  refusedBodyMs: REFUSED_BODY_MS_MAX,
  heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
  shutdownGraceMs: SHUTDOWN_GRACE_MS,
};
/** The age, in milliseconds, from which a socket without a listener counts as abandoned. */
export const ABANDONED_AFTER_MS = 60_000;
