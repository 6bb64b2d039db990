"""The bounds of the runner."""

#: Largest head of a request (request line and headers), in bytes.
HEAD_BYTES_MAX = 65_536
#: Largest request body that ``json()``, ``text()`` and ``body()`` read, in bytes; ``stream()`` has no such bound.
BODY_BYTES_MAX = 104_857_600
#: Bytes of a request that wait unread before its sender has to wait.
BUFFERED_BYTES_MAX = 262_144
#: Functions of the kind ``def handler(request)`` that run at once; more wait their turn.
SYNC_HANDLERS_MAX = 64
#: Seconds that requests, and the work that they began, have to finish after SIGTERM. Kvasir itself waits a
#: little less.
DRAIN_SECONDS = 4.5
#: Connections that the kernel holds until they are accepted.
LISTEN_BACKLOG = 1024
