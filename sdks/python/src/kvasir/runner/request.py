"""The request that a function gets."""

from __future__ import annotations

import json
from typing import Any, AsyncIterator, Callable, Dict, Iterator, List, Optional, Tuple
from urllib.parse import parse_qs

from .limits import BODY_BYTES_MAX


class HttpError(Exception):
    """A request that gets an error response before or instead of the function's response."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status
        self.message = message


class Headers:
    """Headers by case-insensitive name. Values of a repeated name are joined with ``, ``."""

    def __init__(self, items: List[Tuple[str, str]]):
        self._items = items
        self._joined: Dict[str, str] = {}
        for name, value in items:
            lower = name.lower()
            self._joined[lower] = f"{self._joined[lower]}, {value}" if lower in self._joined else value

    def get(self, name: str, default: Optional[str] = None) -> Optional[str]:
        return self._joined.get(name.lower(), default)

    def items(self) -> List[Tuple[str, str]]:
        """All headers in their order, including repeated names."""
        return list(self._items)

    def keys(self) -> List[str]:
        return list(self._joined)

    def __getitem__(self, name: str) -> str:
        return self._joined[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._joined

    def __iter__(self) -> Iterator[str]:
        return iter(self._joined)

    def __len__(self) -> int:
        return len(self._joined)


class _Head:
    """The parts of a request before its body."""

    def __init__(self, method: str, target: str, headers: Headers):
        self.method = method
        self.headers = headers
        path, _, query_string = target.partition("?")
        #: As it was sent, percent-encoding included.
        self.path = path
        self.query_string = query_string
        #: Path and query.
        self.target = target
        self.scheme = "https" if headers.get("x-forwarded-proto") == "https" else "http"
        self.url = f"{self.scheme}://{headers.get('host', 'localhost')}{target}"
        self._query: Optional[Dict[str, str]] = None

    @property
    def query(self) -> Dict[str, str]:
        """The parameters of the query. A repeated parameter has its first value."""
        if self._query is None:
            parsed = parse_qs(self.query_string, keep_blank_values=True)
            self._query = {name: values[0] for name, values in parsed.items()}
        return self._query


class Request(_Head):
    """The request of an ``async def handler(request)``."""

    def __init__(
        self, method: str, target: str, headers: Headers, pieces: Callable[[], AsyncIterator[bytes]]
    ):
        super().__init__(method, target, headers)
        self._pieces = pieces
        self._body: Optional[bytes] = None

    async def body(self) -> bytes:
        """Returns the whole body. Over 100 MiB gives a 413: read larger ones with :meth:`stream`."""
        if self._body is None:
            pieces: List[bytes] = []
            size = 0
            async for piece in self._pieces():
                size += len(piece)
                if size > BODY_BYTES_MAX:
                    raise HttpError(413, f"The body is larger than {BODY_BYTES_MAX} bytes")
                pieces.append(piece)
            self._body = b"".join(pieces)
        return self._body

    async def text(self) -> str:
        return (await self.body()).decode("utf-8", "replace")

    async def json(self) -> Any:
        """:raises ValueError: if the body is not JSON"""
        return json.loads(await self.body())

    async def stream(self) -> AsyncIterator[bytes]:
        """Yields the body as it arrives."""
        if self._body is not None:
            yield self._body
            return
        async for piece in self._pieces():
            yield piece


class SyncRequest(_Head):
    """The request of a plain ``def handler(request)``. Its body was already read."""

    def __init__(self, request: Request, body: bytes):
        super().__init__(request.method, request.target, request.headers)
        self._body = body

    def body(self) -> bytes:
        return self._body

    def text(self) -> str:
        return self._body.decode("utf-8", "replace")

    def json(self) -> Any:
        """:raises ValueError: if the body is not JSON"""
        return json.loads(self._body)
