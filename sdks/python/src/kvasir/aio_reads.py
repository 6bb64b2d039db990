"""Operations that read entries, for asyncio."""

from __future__ import annotations

from typing import Any, Dict, Optional, Sequence

from .aio_value_stream import AsyncValueStream
from .arguments import Ttl
from .entry import Entry, ValueWithMetadata
from .namespace import Namespace
from .threads import in_thread


class AsyncReads:
    """:class:`kvasir.reads.Reads` with methods to ``await``. They are documented there."""

    def __init__(self, namespace: Namespace):
        self.sync = namespace

    async def get(self, key: str, *, cache_ttl: Optional[Ttl] = None) -> Optional[str]:
        """Like :meth:`kvasir.Namespace.get`."""
        return await in_thread(self.sync.get, key, cache_ttl=cache_ttl)

    async def get_bytes(self, key: str, *, cache_ttl: Optional[Ttl] = None) -> Optional[bytes]:
        """Like :meth:`kvasir.Namespace.get_bytes`."""
        return await in_thread(self.sync.get_bytes, key, cache_ttl=cache_ttl)

    async def get_json(self, key: str, default: Any = None, *, cache_ttl: Optional[Ttl] = None) -> Any:
        """Like :meth:`kvasir.Namespace.get_json`."""
        return await in_thread(self.sync.get_json, key, default, cache_ttl=cache_ttl)

    async def get_entry(self, key: str, *, cache_ttl: Optional[Ttl] = None) -> Optional[Entry[bytes]]:
        """Like :meth:`kvasir.Namespace.get_entry`."""
        return await in_thread(self.sync.get_entry, key, cache_ttl=cache_ttl)

    async def get_stream(self, key: str, *, cache_ttl: Optional[Ttl] = None) -> Optional[AsyncValueStream]:
        """Like :meth:`kvasir.Namespace.get_stream`: ``async with await kv.get_stream(key) as stream: ...``"""
        stream = await in_thread(self.sync.get_stream, key, cache_ttl=cache_ttl)
        return None if stream is None else AsyncValueStream(stream)

    async def get_many(
        self, keys: Sequence[str], *, cache_ttl: Optional[Ttl] = None
    ) -> Dict[str, Optional[str]]:
        """Like :meth:`kvasir.Namespace.get_many`."""
        return await in_thread(self.sync.get_many, keys, cache_ttl=cache_ttl)

    async def get_many_with_metadata(
        self, keys: Sequence[str], *, cache_ttl: Optional[Ttl] = None
    ) -> Dict[str, Optional[ValueWithMetadata]]:
        """Like :meth:`kvasir.Namespace.get_many_with_metadata`."""
        return await in_thread(self.sync.get_many_with_metadata, keys, cache_ttl=cache_ttl)
