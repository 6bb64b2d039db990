"""One namespace of a Kvasir server."""

from __future__ import annotations

from typing import Optional

from .atomic import Atomic
from .lists import Lists
from .namespace_requests import json_object
from .watch import Watch
from .writes import Writes


class Namespace(Lists, Writes):
    """Reads and writes entries. Threads and forked processes may share it.

    Every method raises :class:`kvasir.KvError`, and ``TypeError`` for an argument of the wrong type. Keys have at
    most 512 bytes of UTF-8, values 25 MiB, metadata 1,024 bytes of JSON. Lists are sorted by the UTF-8 bytes of keys.

    >>> kv.put("user:1", "Ada", ttl=3600).ok
    True
    >>> kv.get("user:1")
    'Ada'
    """

    def atomic(self) -> Atomic:
        """Begins a group of changes of which all or none are made.

        >>> kv.put("a", "100").version is not None
        True
        >>> entry = kv.get_entry("a")
        >>> kv.atomic().check("a", entry.version).put("a", "90").put("b", "110").commit() > entry.version
        True
        """
        return Atomic(self._transport)

    def position(self) -> str:
        """The newest position of the changes: ``watch(since=...)`` is told all that is written from now on.

        >>> before = kv.position()
        >>> kv.put("a", "1").ok
        True
        >>> with kv.watch(since=before) as changes:
        ...     next(changes).key
        'a'
        """
        return str(json_object(self._transport.send("GET", "/?position=true"))["position"])

    def watch(self, prefix: str = "", *, since: Optional[str] = None) -> Watch:
        """Changes as they are made, in order, from now on.

        A broken connection is replaced, and the watch resumes after the last change that was seen.

        >>> with kv.watch("user:") as changes:
        ...     _ = kv.put("user:1", "Ada")
        ...     for change in changes:
        ...         print(change.type, change.key)
        ...         break
        put user:1

        :param since: the position of a change, or one from :meth:`position`, to begin after
        :raises WatchBehindError: when ``since`` is further back than the server remembers
        """
        return Watch(self._transport, prefix, since)

    def close(self) -> None:
        """Closes idle connections. The namespace stays usable."""
        self._transport.close()

    def __enter__(self) -> "Namespace":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
