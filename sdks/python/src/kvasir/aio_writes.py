"""Operations that write entries, for asyncio."""

from __future__ import annotations

from typing import Any, AsyncIterable, Iterable, Mapping, Optional, Union

from .arguments import Moment, Ttl, Value
from .entry import WriteResult
from .namespace import Namespace
from .threads import from_loop, in_thread
from .writes import Source


class AsyncWrites:
    """:class:`kvasir.writes.Writes` with methods to ``await``. They are documented there."""

    def __init__(self, namespace: Namespace):
        self.sync = namespace

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
        """Like :meth:`kvasir.Namespace.put`."""
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
        """Like :meth:`kvasir.Namespace.put_json`."""
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

    async def put_stream(
        self,
        key: str,
        source: Union[Source, AsyncIterable[bytes]],
        *,
        ttl: Optional[Ttl] = None,
        expiration: Optional[Moment] = None,
        metadata: Any = None,
        if_absent: bool = False,
        if_version: Optional[int] = None,
    ) -> WriteResult:
        """Like :meth:`kvasir.Namespace.put_stream`. The source may also be an async iterable.

        >>> async def pieces() -> AsyncIterator[bytes]:
        ...     for piece in (b"a", b"b"):
        ...         yield piece
        >>> asyncio.run(akv.put_stream("upload", pieces())).ok
        True
        """
        pieces = from_loop(source) if isinstance(source, AsyncIterable) else source
        return await in_thread(
            self.sync.put_stream,
            key,
            pieces,
            ttl=ttl,
            expiration=expiration,
            metadata=metadata,
            if_absent=if_absent,
            if_version=if_version,
        )

    async def put_many(
        self,
        values: Mapping[str, Value],
        *,
        ttl: Optional[Ttl] = None,
        expiration: Optional[Moment] = None,
        metadata: Any = None,
    ) -> None:
        """Like :meth:`kvasir.Namespace.put_many`."""
        await in_thread(self.sync.put_many, values, ttl=ttl, expiration=expiration, metadata=metadata)

    async def delete(self, key: str, *, if_version: Optional[int] = None) -> WriteResult:
        """Like :meth:`kvasir.Namespace.delete`."""
        return await in_thread(self.sync.delete, key, if_version=if_version)

    async def delete_many(self, keys: Iterable[str]) -> None:
        """Like :meth:`kvasir.Namespace.delete_many`."""
        await in_thread(self.sync.delete_many, keys)

    async def increment(self, key: str, by: int = 1, *, ttl: Optional[Ttl] = None) -> int:
        """Like :meth:`kvasir.Namespace.increment`."""
        return await in_thread(self.sync.increment, key, by, ttl=ttl)

    async def touch(
        self, key: str, *, ttl: Optional[Ttl] = None, expiration: Optional[Moment] = None
    ) -> bool:
        """Like :meth:`kvasir.Namespace.touch`."""
        return await in_thread(self.sync.touch, key, ttl=ttl, expiration=expiration)
