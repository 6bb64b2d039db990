"""Changes of a namespace as they are made."""

from __future__ import annotations

import http.client
import json
import random
import threading
from dataclasses import dataclass
from typing import Iterator, Optional, Tuple

from .arguments import query_text, text
from .errors import KvError, UnavailableError, kv_error
from .limits import (
    WATCH_LINE_BYTES_MAX,
    WATCH_RESUME_DELAY_SECONDS,
    WATCH_RESUME_DELAY_SECONDS_MAX,
    WATCH_RESUMES_MAX,
    WATCH_SILENCE_SECONDS_MAX,
)
from .transport import EventStream, Transport


@dataclass(frozen=True)
class Change:
    """A change of a namespace."""

    #: "put", "delete" or "expire"
    type: str
    key: str
    #: The entry's version after the change.
    version: int
    #: Opaque. Pass the last one seen as ``since`` to go on with the change after it.
    position: str
    #: Another change of the same atomic commit follows, with the same version.
    more: bool = False


class Watch:
    """Iterates over changes until it is closed. It connects at once, so no later change is missed.

    >>> with kv.watch() as changes:
    ...     _ = kv.put("a", "1")
    ...     change = next(changes)
    >>> change.type, change.key, change.more
    ('put', 'a', False)
    """

    def __init__(self, transport: Transport, prefix: str, since: Optional[str]):
        if since is not None and not isinstance(since, str):
            raise TypeError(f"since must be a position, which is a str, not {type(since).__name__}")
        self._transport = transport
        self._prefix = text("prefix", prefix)
        self._last = since
        self._closed = threading.Event()
        self._stream = self._connect()
        self._changes = self._follow()

    def __iter__(self) -> Iterator[Change]:
        return self

    def __next__(self) -> Change:
        return next(self._changes)

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._closed.is_set()

    def close(self) -> None:
        """Ends the iteration, also in another thread that waits for the next change."""
        self._closed.set()
        self._stream.close()

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self) -> EventStream:
        query = query_text({"watch": True, "prefix": self._prefix, "since": self._last})
        return self._transport.events("/" + query, WATCH_SILENCE_SECONDS_MAX)

    def _follow(self) -> Iterator[Change]:
        failures = 0
        try:
            while True:
                try:
                    if failures > 0:
                        self._stream = self._connect()
                        if self._closed.is_set():  # Since it began to connect.
                            self._stream.close()
                            return
                    for change in self._read():
                        failures = 0
                        yield change
                except (OSError, http.client.HTTPException, UnavailableError) as error:
                    if not self._closed.is_set() and failures >= WATCH_RESUMES_MAX:
                        if isinstance(error, KvError):
                            raise
                        raise kv_error("unavailable", "The watch was cut off") from error
                self._stream.close()
                failures += 1
                pause = WATCH_RESUME_DELAY_SECONDS * 2 ** (failures - 1)
                # Random, because clients that failed together would otherwise connect again together.
                pause = min(pause, WATCH_RESUME_DELAY_SECONDS_MAX) * random.uniform(0.5, 1)
                if self._closed.wait(pause):
                    return
        except GeneratorExit:
            raise
        except Exception:
            self._stream.close()
            # If the stream is closed while it is read, the kind of error depends on the state of the reader.
            if self._closed.is_set():
                return
            raise

    def _read(self) -> Iterator[Change]:
        """Yields the changes of one connection until it ends."""
        for event, data, last in _blocks(self._stream):
            if last is not None:
                self._last = last
            if data is None:
                continue
            told = json.loads(data)
            if event == "error":
                message = told.get("message", "The server ended this watch")
                raise kv_error(told.get("code", "internal"), message, hint=told.get("hint"))
            if event in ("put", "delete", "expire"):
                position = self._last or ""
                yield Change(event, told["key"], told["version"], position, bool(told.get("more")))


def _blocks(stream: EventStream) -> Iterator[Tuple[str, Optional[str], Optional[str]]]:
    """Yields event, data and id of each block of server-sent events."""
    event, data, last = "message", None, None
    while True:
        line = stream.readline(WATCH_LINE_BYTES_MAX)
        if not line:
            return
        if len(line) >= WATCH_LINE_BYTES_MAX:
            raise kv_error("internal", "The server sent an event that is too long")
        text = line.decode().rstrip("\r\n")
        if text == "":
            yield event, data, last
            event, data, last = "message", None, None
            continue
        name, _, value = text.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "id":
            last = value
        elif name == "event":
            event = value
        elif name == "data":
            data = value if data is None else f"{data}\n{value}"
