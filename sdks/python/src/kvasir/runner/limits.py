"""Limits of the runner."""

#: Largest head of a request (request line and headers), in bytes.
HEAD_BYTES_MAX = 65_536
#: Largest request body that ``json()``, ``text()`` and ``body()`` read, in bytes. ``stream()`` has no limit.
BODY_BYTES_MAX = 104_857_600
#: Unread bytes of a request after which its sender has to wait.
BUFFERED_BYTES_MAX = 262_144
#: Concurrent calls of a plain ``def handler(request)``. Further ones wait.
SYNC_HANDLERS_MAX = 64
#: Seconds in which requests and their background work have to finish after SIGTERM. Kvasir itself waits a
#: little less.
DRAIN_SECONDS = 4.5
#: Connections that the kernel queues until they are accepted.
LISTEN_BACKLOG = 1024
#: Longest turn of the event loop without a warning, in seconds.
BLOCKED_SECONDS_MAX = 1
#: Seconds from one such warning to the next.
BLOCKED_WARNING_PAUSE_SECONDS = 5
