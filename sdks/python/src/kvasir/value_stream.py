"""A value that is read as it comes."""

from __future__ import annotations

import http.client
import io
from typing import TYPE_CHECKING, Any, Callable, Iterator, Optional

from .entry import Entry
from .errors import kv_error
from .limits import STREAM_PIECE_BYTES

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class ValueStream(io.RawIOBase):
    """A value as a binary file. Close it, or use ``with``: an open one keeps a connection for itself.

    >>> kv.put("blob", b"abc").ok
    True
    >>> with kv.get_stream("blob") as stream:
    ...     stream.read(2), stream.read()
    (b'ab', b'c')
    """

    #: The entry's metadata.
    metadata: Any
    #: The entry's version.
    version: int
    #: When it expires, in seconds since the epoch. ``None`` means never.
    expiration: Optional[int]

    def __init__(self, response: http.client.HTTPResponse, end: Callable[[bool], None]):
        """
        :param end: called once, with whether the connection may be used again
        """
        super().__init__()
        self._response = response
        self._left = response.length
        self._end: Optional[Callable[[bool], None]] = end
        self._complete = self._left == 0

    def _describe(self, entry: Entry[Any]) -> None:
        self.metadata, self.version, self.expiration = entry.metadata, entry.version, entry.expiration

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Reads the next bytes into a buffer and returns their number; 0 at the end.

        :raises UnavailableError: if the value is cut off on its way
        """
        self._checkClosed()
        if self._complete:
            return 0
        try:
            count = self._response.readinto(buffer)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise kv_error("unavailable", "The value was cut off on its way") from error
        if self._left is not None:
            self._left -= count
        if count == 0 and memoryview(buffer).nbytes > 0:
            if self._left:
                self.close()
                raise kv_error("unavailable", "The value was cut off on its way")
            self._complete = True
        elif self._left == 0:
            self._complete = True
        return count

    def chunks(self, size: int = STREAM_PIECE_BYTES) -> Iterator[bytes]:
        """Yields pieces of at most ``size`` bytes, as they come."""
        buffer = bytearray(size)
        while True:
            count = self.readinto(buffer)
            if count == 0:
                return
            yield bytes(buffer[:count])

    def close(self) -> None:
        """Ends the read. What was not read is not transferred."""
        end, self._end = getattr(self, "_end", None), None
        if end is not None:
            end(self._complete)
        super().close()

    def __del__(self) -> None:
        # Not back to the pool: its lock may be held by what the garbage collector interrupts.
        self._complete = False
        self.close()
