"""A value that is sent piece by piece."""

from __future__ import annotations

from typing import Any, BinaryIO, Iterable, Iterator, Optional, Union

from .limits import STREAM_PIECE_BYTES


class Upload:
    """The pieces of a source, which is read once. Keeps what the source itself raises."""

    def __init__(self, source: Union[BinaryIO, Iterable[bytes]]):
        if isinstance(source, (str, bytes, bytearray, memoryview)) or not (
            hasattr(source, "read") or hasattr(source, "__iter__")
        ):
            raise TypeError(f"source is a binary file or an iterable of bytes, not {type(source).__name__}")
        self._source: Any = source
        self._raised: Optional[Exception] = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self._pieces():
                if isinstance(piece, str):
                    raise TypeError("The source yields str: open the file in binary mode, or encode the pieces")
                data = memoryview(piece).tobytes()
                if data:  # An empty piece would end a chunked body.
                    yield data
        except Exception as error:
            self._raised = error
            raise

    def raise_own(self) -> None:
        """Raises the source's error, if that is why the request failed."""
        if self._raised is not None:
            raise self._raised

    def _pieces(self) -> Iterator[Any]:
        if not hasattr(self._source, "read"):
            yield from self._source
            return
        while True:
            piece = self._source.read(STREAM_PIECE_BYTES)
            if not piece:
                return
            yield piece
