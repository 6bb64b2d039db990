"""The bounds of the client."""

#: Longest wait for a connection, and between two pieces of an answer, in seconds.
TIMEOUT_SECONDS = 30.0
#: Connections that are kept open while nobody uses them.
IDLE_CONNECTIONS_MAX = 16
#: Keys of one bulk read; the server refuses more. `get_many` asks several times.
BULK_KEYS_MAX = 100
#: Shortest TTL that every way to a namespace takes, in seconds.
EXPIRY_TTL_SECONDS_MIN = 60
#: Operations of `AsyncNamespace` that run at once; more wait their turn.
ASYNC_OPERATIONS_MAX = 32
#: Largest error answer that is read, in bytes.
ERROR_BYTES_MAX = 65_536
