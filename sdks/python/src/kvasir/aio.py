"""The namespace for asyncio."""

from __future__ import annotations

from functools import partial
from typing import Any, AsyncIterator, Dict, Optional, Sequence

from .aio_watch import AsyncWatch
from .arguments import Moment, Ttl, Value
from .atomic import AtomicChanges
from .entry import Entry, ListedKey, ListPage, WriteResult
from .limits import ASYNC_OPERATIONS_MAX
from .namespace import Namespace
from .threads import in_thread


class AsyncAtomic(AtomicChanges):
    """Collects checks and changes. :meth:`commit` makes all of them or none."""

    async def commit(self) -> Optional[int]:
        """Returns the version of the changes; ``None`` if a check failed and nothing was changed."""
        return await in_thread(self._commit)


class AsyncNamespace:
    """:class:`kvasir.Namespace` with methods to ``await``. They are documented there."""

    def __init__(self, namespace: Namespace):
        self.sync = namespace

    async def get(self, key: str) -> Optional[str]:
        return await in_thread(self.sync.get, key)

    async def get_bytes(self, key: str) -> Optional[bytes]:
        return await in_thread(self.sync.get_bytes, key)

    async def get_json(self, key: str, default: Any = None) -> Any:
        return await in_thread(self.sync.get_json, key, default)

    async def get_entry(self, key: str) -> Optional[Entry[bytes]]:
        return await in_thread(self.sync.get_entry, key)

    async def get_many(self, keys: Sequence[str]) -> Dict[str, Optional[str]]:
        return await in_thread(self.sync.get_many, keys)

    async def put(
        self,
        key: str,
        value: Value,
        *,
        ttl: Optional[Ttl] = None,
        expiration: Optional[Moment] = None,
        metadata: Any = None,
        if_absent: bool = False,
        if_version: Optional[int] = None,
    ) -> WriteResult:
        return await in_thread(
            self.sync.put,
            key,
            value,
            ttl=ttl,
            expiration=expiration,
            metadata=metadata,
            if_absent=if_absent,
            if_version=if_version,
        )

    async def put_json(
        self,
        key: str,
        value: Any,
        *,
        ttl: Optional[Ttl] = None,
        expiration: Optional[Moment] = None,
        metadata: Any = None,
        if_absent: bool = False,
        if_version: Optional[int] = None,
    ) -> WriteResult:
        return await in_thread(
            self.sync.put_json,
            key,
            value,
            ttl=ttl,
            expiration=expiration,
            metadata=metadata,
            if_absent=if_absent,
            if_version=if_version,
        )

    async def delete(self, key: str, *, if_version: Optional[int] = None) -> WriteResult:
        return await in_thread(self.sync.delete, key, if_version=if_version)

    async def increment(self, key: str, by: int = 1, *, ttl: Optional[Ttl] = None) -> int:
        return await in_thread(self.sync.increment, key, by, ttl=ttl)

    async def touch(
        self, key: str, *, ttl: Optional[Ttl] = None, expiration: Optional[Moment] = None
    ) -> bool:
        return await in_thread(self.sync.touch, key, ttl=ttl, expiration=expiration)

    async def list(
        self,
        prefix: str = "",
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        start: Optional[str] = None,
        end: Optional[str] = None,
        reverse: bool = False,
        values: bool = False,
        versions: bool = False,
    ) -> ListPage:
        return await in_thread(
            self.sync.list,
            prefix,
            limit=limit,
            cursor=cursor,
            start=start,
            end=end,
            reverse=reverse,
            values=values,
            versions=versions,
        )

    async def keys(
        self,
        prefix: str = "",
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        start: Optional[str] = None,
        end: Optional[str] = None,
        reverse: bool = False,
        values: bool = False,
        versions: bool = False,
    ) -> AsyncIterator[ListedKey]:
        """``async for key in kv.keys("user:")``"""
        while True:
            page = await self.list(
                prefix,
                limit=limit,
                cursor=cursor,
                start=start,
                end=end,
                reverse=reverse,
                values=values,
                versions=versions,
            )
            for key in page.keys:
                yield key
            cursor = page.cursor
            if cursor is None:
                return

    async def count(self, prefix: str = "") -> int:
        return await in_thread(self.sync.count, prefix)

    async def delete_prefix(self, prefix: str, *, dry_run: bool = False, all: bool = False) -> int:
        return await in_thread(self.sync.delete_prefix, prefix, dry_run=dry_run, all=all)

    def atomic(self) -> AsyncAtomic:
        """Like :meth:`kvasir.Namespace.atomic`. Only ``commit()`` is awaited."""
        return AsyncAtomic(self.sync._transport)

    async def position(self) -> str:
        return await in_thread(self.sync.position)

    def watch(self, prefix: str = "", *, since: Optional[str] = None) -> AsyncWatch:
        """``async with kv.watch("user:") as changes: async for change in changes: ...``"""
        return AsyncWatch(partial(self.sync.watch, prefix, since=since))

    async def close(self) -> None:
        """Closes idle connections. The namespace stays usable."""
        self.sync.close()

    async def __aenter__(self) -> "AsyncNamespace":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
