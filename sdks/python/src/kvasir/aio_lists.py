"""Operations on many keys at once, for asyncio."""

from __future__ import annotations

from typing import AsyncIterator, Optional

from .entry import ListedKey, ListPage
from .namespace import Namespace
from .threads import in_thread


class AsyncLists:
    """:class:`kvasir.lists.Lists` with methods to ``await``. They are documented there."""

    def __init__(self, namespace: Namespace):
        self.sync = namespace

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
        """Like :meth:`kvasir.Namespace.list`."""
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
        """Like :meth:`kvasir.Namespace.keys`: ``async for key in kv.keys("user:"): ...``"""
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
        """Like :meth:`kvasir.Namespace.count`."""
        return await in_thread(self.sync.count, prefix)

    async def delete_prefix(self, prefix: str, *, dry_run: bool = False, all: bool = False) -> int:
        """Like :meth:`kvasir.Namespace.delete_prefix`."""
        return await in_thread(self.sync.delete_prefix, prefix, dry_run=dry_run, all=all)
