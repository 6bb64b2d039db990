"""Limits of the client."""

#: Longest wait for a connection, and between two pieces of a response, in seconds. It is below a function's
#: limit of 30 s, so that its code sees the error and can respond.
TIMEOUT_SECONDS = 5.0
#: Multiplies the timeout of `count` and `delete_prefix`, whose duration depends on the number of keys.
SCAN_TIMEOUT_FACTOR = 5
#: How often a read whose connection failed, or a request that the server refused for now, is repeated.
RETRIES = 2
#: First pause before a repetition, in seconds. It doubles with each one, give or take a half.
RETRY_DELAY_SECONDS = 0.1
#: Longest pause before a repetition, in seconds, whatever the server asks for.
RETRY_DELAY_SECONDS_MAX = 5.0
#: Longest silence of a watch, in seconds. The server sends heartbeats more often.
WATCH_SILENCE_SECONDS_MAX = 60.0
#: How often in a row an interrupted watch connects again.
WATCH_RESUMES_MAX = 10
#: First pause before a watch connects again, in seconds. It doubles with each failure.
WATCH_RESUME_DELAY_SECONDS = 0.1
#: Longest pause before a watch connects again, in seconds.
WATCH_RESUME_DELAY_SECONDS_MAX = 5.0
#: Longest line of a watch, in bytes.
WATCH_LINE_BYTES_MAX = 65_536
#: Changes that an async watch buffers for a slow reader. After that the server waits.
WATCH_CHANGES_HELD_MAX = 1_000
#: How often a thread that waits for an event loop looks whether the loop has ended.
LOOP_POLL_SECONDS = 0.5
#: Connections that are kept open while idle.
IDLE_CONNECTIONS_MAX = 16
#: Namespaces that `namespace_from_environment` caches with their connections.
ENVIRONMENT_NAMESPACES_MAX = 64
#: Longest key, in bytes of UTF-8.
KEY_BYTES_MAX = 512
#: Keys of one bulk read. The server rejects more. `get_many` sends several requests.
BULK_KEYS_MAX = 100
#: Writes of one `put_many` or `delete_many` in flight.
PARALLEL_WRITES_MAX = 8
#: Largest piece of a streamed value, in bytes.
STREAM_PIECE_BYTES = 65_536
#: Shortest TTL that all APIs accept, in seconds.
EXPIRY_TTL_SECONDS_MIN = 60
#: Smallest time that `kv_get_with_expiry` reads as milliseconds since the epoch (in 1973). Less is seconds.
EXPIRY_MS_MIN = 100_000_000_000
#: Concurrent operations of `AsyncNamespace`. Further ones wait.
ASYNC_OPERATIONS_MAX = 32
#: Largest error response that is read, in bytes.
ERROR_BYTES_MAX = 65_536
