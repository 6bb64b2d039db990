"""A value that is read as it comes, for asyncio."""

from __future__ import annotations

from typing import Any, AsyncIterator, Optional

from .limits import STREAM_PIECE_BYTES
from .threads import in_thread
from .value_stream import ValueStream


class AsyncValueStream:
    """:class:`kvasir.ValueStream` with methods to ``await``. Close it, or use ``async with``.

    >>> async def size() -> int:
    ...     await akv.put("blob", b"abc")
    ...     async with await akv.get_stream("blob") as stream:
    ...         return sum([len(piece) async for piece in stream.chunks()])
    >>> asyncio.run(size())
    3
    """

    def __init__(self, stream: ValueStream):
        self.sync = stream

    @property
    def metadata(self) -> Any:
        """The entry's metadata."""
        return self.sync.metadata

    @property
    def version(self) -> int:
        """The entry's version."""
        return self.sync.version

    @property
    def expiration(self) -> Optional[int]:
        """When it expires, in seconds since the epoch. ``None`` means never."""
        return self.sync.expiration

    async def read(self, size: int = -1) -> bytes:
        """Returns the next bytes, at most ``size``, or all that are left. ``b""`` at the end."""
        return await in_thread(self.sync.read, size) or b""

    async def chunks(self, size: int = STREAM_PIECE_BYTES) -> AsyncIterator[bytes]:
        """Yields pieces of at most ``size`` bytes, as they come."""
        while True:
            piece = await self.read(size)
            if not piece:
                return
            yield piece

    async def close(self) -> None:
        """Ends the read. What was not read is not transferred."""
        self.sync.close()

    async def __aenter__(self) -> "AsyncValueStream":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
