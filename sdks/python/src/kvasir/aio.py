"""The namespace for asyncio."""

from __future__ import annotations

from functools import partial
from typing import Optional

from .aio_lists import AsyncLists
from .aio_reads import AsyncReads
from .aio_watch import AsyncWatch
from .aio_writes import AsyncWrites
from .atomic import AtomicChanges
from .threads import in_thread


class AsyncAtomic(AtomicChanges):
    """Collects checks and changes. :meth:`commit` makes all of them or none."""

    async def commit(self) -> Optional[int]:
        """Like :meth:`kvasir.Atomic.commit`.

        >>> asyncio.run(akv.atomic().put("a", "1").increment("n").commit()) is not None
        True
        """
        return await in_thread(self._commit)


class AsyncNamespace(AsyncLists, AsyncReads, AsyncWrites):
    """:class:`kvasir.Namespace` with methods to ``await``. They are documented there.

    Cancelling the task that awaits one does not undo what was sent.

    >>> async def visit() -> int:
    ...     async with AsyncNamespace(kv) as namespace:
    ...         return await namespace.increment("visits")
    >>> asyncio.run(visit())
    1
    """

    def atomic(self) -> AsyncAtomic:
        """Like :meth:`kvasir.Namespace.atomic`. Only ``commit()`` is awaited."""
        return AsyncAtomic(self.sync._transport)

    async def position(self) -> str:
        """Like :meth:`kvasir.Namespace.position`."""
        return await in_thread(self.sync.position)

    def watch(self, prefix: str = "", *, since: Optional[str] = None) -> AsyncWatch:
        """Like :meth:`kvasir.Namespace.watch`.

        >>> async def first() -> str:
        ...     async with akv.watch("user:") as changes:
        ...         await akv.put("user:1", "Ada")
        ...         async for change in changes:
        ...             return change.key
        ...     return ""
        >>> asyncio.run(first())
        'user:1'
        """
        return AsyncWatch(partial(self.sync.watch, prefix, since=since))

    async def close(self) -> None:
        """Closes idle connections. The namespace stays usable."""
        self.sync.close()

    async def __aenter__(self) -> "AsyncNamespace":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
