"""The namespace for asyncio."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Callable, Dict, Optional, Sequence, TypeVar

from .limits import ASYNC_OPERATIONS_MAX
from .namespace import Entry, ListPage, Namespace, Value, WriteResult

T = TypeVar("T")
_threads: Optional[ThreadPoolExecutor] = None


async def _in_thread(operation: Callable[..., T], *args: Any, **options: Any) -> T:
    """Not asyncio's own pool: user code that fills that one would stop the store, too."""
    global _threads
    if _threads is None:
        _threads = ThreadPoolExecutor(ASYNC_OPERATIONS_MAX, thread_name_prefix="kvasir")
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, partial(operation, *args, **options))


class AsyncNamespace:
    """:class:`kvasir.Namespace` with methods to ``await``; what each does is said there."""

    def __init__(self, namespace: Namespace):
        self.sync = namespace

    async def get(self, key: str) -> Optional[str]:
        return await _in_thread(self.sync.get, key)

    async def get_bytes(self, key: str) -> Optional[bytes]:
        return await _in_thread(self.sync.get_bytes, key)

    async def get_json(self, key: str, default: Any = None) -> Any:
        return await _in_thread(self.sync.get_json, key, default)

    async def get_entry(self, key: str) -> Optional[Entry[bytes]]:
        return await _in_thread(self.sync.get_entry, key)

    async def get_many(self, keys: Sequence[str]) -> Dict[str, Optional[str]]:
        return await _in_thread(self.sync.get_many, keys)

    async def put(
        self,
        key: str,
        value: Value,
        *,
        ttl: Optional[int] = None,
        expiration: Optional[int] = None,
        metadata: Any = None,
        if_absent: bool = False,
        if_version: Optional[int] = None,
    ) -> WriteResult:
        return await _in_thread(
            self.sync.put,
            key,
            value,
            ttl=ttl,
            expiration=expiration,
            metadata=metadata,
            if_absent=if_absent,
            if_version=if_version,
        )

    async def put_json(self, key: str, value: Any, **options: Any) -> WriteResult:
        return await _in_thread(self.sync.put_json, key, value, **options)

    async def delete(self, key: str, *, if_version: Optional[int] = None) -> WriteResult:
        return await _in_thread(self.sync.delete, key, if_version=if_version)

    async def increment(self, key: str, by: int = 1, *, ttl: Optional[int] = None) -> int:
        return await _in_thread(self.sync.increment, key, by, ttl=ttl)

    async def touch(self, key: str, *, ttl: Optional[int] = None, expiration: Optional[int] = None) -> bool:
        return await _in_thread(self.sync.touch, key, ttl=ttl, expiration=expiration)

    async def list(self, prefix: str = "", **options: Any) -> ListPage:
        return await _in_thread(self.sync.list, prefix, **options)

    async def count(self, prefix: str = "") -> int:
        return await _in_thread(self.sync.count, prefix)

    async def delete_prefix(self, prefix: str, *, dry_run: bool = False) -> int:
        return await _in_thread(self.sync.delete_prefix, prefix, dry_run=dry_run)
