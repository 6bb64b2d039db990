/** The bounds of the HTTP server: what one request may hold, how long it may take, how much all of them hold. */

/** Request line and headers, in bytes. A 512-byte key in percent-encoding and 1,024 bytes of metadata fit thrice. */
export const HEADER_BYTES_MAX = 16_384;
/** Longest head of a request that is read from the socket itself; Node's parser reads longer ones. In bytes. */
export const DIRECT_HEAD_BYTES_MAX = 8_192;
/** Most headers of such a request. */
export const DIRECT_HEADERS_MAX = 64;
/** Headers up to this length are kept with their connection, to be compared with the next request's. In bytes. */
export const DIRECT_HEADERS_KEPT_BYTES_MAX = 2_048;
/** How long the headers of a request may take to arrive, in milliseconds. */
export const HEADERS_TIMEOUT_MS = 20_000;
/** How long a whole request may take to arrive, in milliseconds. */
export const REQUEST_TIMEOUT_MS = 300_000;
/**
 * How long an idle connection is kept for the next request, in milliseconds. Longer than clients and proxies keep
 * theirs (mostly 60 s): a request that is on its way while its connection is closed is lost, and a write cannot be
 * sent again by itself.
 */
export const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** How long a connection with a request under way may be silent in both directions, in milliseconds. */
export const SOCKET_IDLE_TIMEOUT_MS = 60_000;
/** How often these four are checked, in milliseconds. */
export const TIMEOUT_CHECK_INTERVAL_MS = 1_000;
/** Most connections at a time; further ones are closed at once. */
export const CONNECTIONS_MAX = 10_000;
/** Connections may be this share of the files that the system lets the process open. */
export const CONNECTION_FILES_SHARE = 0.5;
/**
 * Connections that wait to be accepted. On a unix socket one more is refused at once (EAGAIN), which a Worker that
 * starts a thousand writes together would see as an internal error with Node's default of 511.
 */
export const LISTEN_BACKLOG = 4096;

/** Largest body of a request that is small by nature (a title, a token, a list of 100 keys), in bytes. */
export const SMALL_BODY_BYTES_MAX = 1_048_576;
/** Largest body of a Cloudflare bulk request, in bytes (their documented 100 MB). */
export const BULK_BODY_BYTES_MAX = 100_000_000;
/** Largest body of an atomic commit, in bytes: one value of 25 MiB in base64, and what is around it. */
export const ATOMIC_BODY_BYTES_MAX = 36_700_160;
/** A body up to this size is read in one piece; a longer one is streamed or parsed piece by piece. */
export const ONE_PIECE_BYTES_MAX = 65_536;
/** Smallest buffer for a body (or a head) that arrives in parts, in bytes; it grows by doubling. */
export const BODY_BUFFER_BYTES_MIN = 256;
/** Smaller parts of a body that streams are gathered to one of this size, in bytes. */
export const BODY_PART_BYTES_MIN = 16_384;
/** A JSON body up to this size is parsed in one piece, a longer one incrementally. */
export const JSON_ONE_PIECE_BYTES_MAX = 1_048_576;

/** Memory that requests share for bodies and responses, in bytes. One request at a time may hold its body beside it. */
export const BUFFERED_BYTES_MAX = 134_217_728;
/** Requests that wait for that memory; further ones are answered 503. A Worker may start a thousand writes together. */
export const BUFFER_WAITERS_MAX = 2_048;
/** Requests of one client that wait for it while there are other clients; further ones are answered 503. */
export const BUFFER_WAITERS_PER_CLIENT_MAX = 512;
/** Into how many shares the memory is divided, one for each client, where there are no more clients than that. */
export const BUFFER_CLIENT_SHARES = 4;
/** How long a request waits for that memory before it is answered 503, in milliseconds. */
export const BUFFER_WAIT_MS = 20_000;
/** The part of that wait after which requests of clients over their share are ended for one that is within its own. */
export const BUFFER_FAIR_WAIT_FRACTION = 0.5;
/** How often requests that hold memory are looked at for progress while others wait, in milliseconds. */
export const STALL_MS = 5_000;
/** What a client has to send or take in that time so that its request goes on while others wait, in bytes. */
export const STALL_BYTES_MIN = 5_120;
/** What is read (and thrown away) of a body that was refused, so that the client sees the response, in bytes. */
export const REFUSED_BODY_BYTES_MAX = 33_554_432;
/** How long it is read on, in milliseconds. */
export const REFUSED_BODY_MS_MAX = 10_000;
/** Most that a value holds while it streams to disk: a batch of parts, the part being filled, the part arriving. */
export const STREAMED_BODY_HELD_BYTES = 1_310_720;
/** What a response of stored bytes holds while it is written: the part under way, and what the socket has of it. */
export const RESPONSE_HELD_BYTES = 262_144;
/** The same for values as JSON, whose parts may be six times as long. */
export const JSON_RESPONSE_HELD_BYTES = 1_048_576;
/** What the object around a row of a list takes in memory, in bytes. */
export const LIST_ROW_BYTES = 256;
/** What one row of a list may hold in memory: a key, its metadata, and the object around them, in bytes. */
export const LIST_ROW_BYTES_MAX = 2_048;
/** What a row of a list with values may hold beside that: a value that lies beside its entry, in bytes. */
export const LIST_ROW_VALUE_BYTES_MAX = 1_024;
/** How long short requests come first after a part of a long response, at most, in milliseconds. */
export const TURN_REST_MS_MAX = 20;
/** A page of so many keys is short: it is read at once, and takes no turn with long responses. */
export const SHORT_PAGE_ROWS_MAX = 100;
/** Most objects, arrays and members in an atomic commit: 1,000 operations whose metadata is as clumsy as it can be. */
export const ATOMIC_TOKENS_MAX = 1_048_576;
/** How much more memory parsed JSON takes than its text. */
export const PARSED_JSON_FACTOR = 3;

/** A value up to this size joins the head of its answer as text, in bytes; a longer one is written beside it. */
export const ONE_WRITE_BYTES_MAX = 1_024;
/** Size of the pieces in which a long answer is written, in bytes. */
export const ANSWER_CHUNK_BYTES = 65_536;
/** What a multipart body may hold beside its value, in bytes. */
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

/** How often a silent event stream says that it is alive, in milliseconds. */
export const HEARTBEAT_INTERVAL_MS = 15_000;
/** How often it is asked whether the tokens of requests under way still hold, in milliseconds. */
export const WITHDRAWAL_INTERVAL_MS = 500;
/** Event streams at one time; further ones are answered 503. */
export const EVENT_STREAMS_MAX = 1_000;

/** How long requests under way may go on after `close()`, in milliseconds; then their connections are cut. */
export const SHUTDOWN_GRACE_MS = 4_000;

/** Longest reason phrase of an answer, in characters. */
export const REASON_PHRASE_LENGTH_MAX = 512;
/** Namespace objects kept for the next request; beyond it all are forgotten. */
export const NAMESPACE_CACHE_MAX = 10_000;
/** Longest id of a namespace, in characters. */
export const NAMESPACE_ID_LENGTH_MAX = 64;
/** Longest name of a token, in characters. */
export const TOKEN_NAME_LENGTH_MAX = 256;
/** Most namespaces that one token is bound to. */
export const TOKEN_NAMESPACES_MAX = 1_000;

/** What a test sets lower, so that it need not wait. */
export interface HttpLimits {
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
/** A socket on which nobody listens is left behind when it is this old, in milliseconds. */
export const ABANDONED_AFTER_MS = 60_000;
