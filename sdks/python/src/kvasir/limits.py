"""The bounds of the client."""

#: Longest wait for a connection, and between two pieces of a response, in seconds. Below the 30 s that a function
#: has, so that its code sees the error and can respond.
TIMEOUT_SECONDS = 5.0
#: How many times as long `count` and `delete_prefix` may take: they cost what they count.
SCAN_TIMEOUT_FACTOR = 5
#: Longest silence of a watch, in seconds. The server sends heartbeats more often.
WATCH_SILENCE_SECONDS_MAX = 60.0
#: How often in a row a watch that was cut off connects again.
WATCH_RESUMES_MAX = 10
#: First pause before a watch connects again, in seconds; it doubles with each failure.
WATCH_RESUME_DELAY_SECONDS = 0.1
#: Longest pause before a watch connects again, in seconds.
WATCH_RESUME_DELAY_SECONDS_MAX = 5.0
#: Longest line of a watch, in bytes.
WATCH_LINE_BYTES_MAX = 65_536
#: Changes that an async watch holds for a slow reader; the server then waits.
WATCH_CHANGES_HELD_MAX = 1_000
#: Connections that are kept open while idle.
IDLE_CONNECTIONS_MAX = 16
#: Namespaces that `namespace_from_environment` keeps with their connections.
ENVIRONMENT_NAMESPACES_MAX = 64
#: Longest key, in bytes of UTF-8.
KEY_BYTES_MAX = 512
#: Keys of one bulk read; the server refuses more. `get_many` asks several times.
BULK_KEYS_MAX = 100
#: Shortest TTL that every way to a namespace takes, in seconds.
EXPIRY_TTL_SECONDS_MIN = 60
#: Earliest time that `kv_get_with_expiry` takes for milliseconds since the epoch (in 1973); less counts as seconds.
EXPIRY_MS_MIN = 100_000_000_000
#: Operations of `AsyncNamespace` that run at once; more wait their turn.
ASYNC_OPERATIONS_MAX = 32
#: Largest error response that is read, in bytes.
ERROR_BYTES_MAX = 65_536
