"""One HTTP/1.1 connection. It handles requests one after the other."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, AsyncIterator, Awaitable, Callable, List, Optional, Tuple

from .limits import BUFFERED_BYTES_MAX, HEAD_BYTES_MAX
from .request import Headers, HttpError, Request
from .response import Response, head_of

Handle = Callable[[Request], Awaitable[Response]]


class Disconnected(Exception):
    """The client has disconnected."""


class Connection(asyncio.Protocol):
    """
    :param handle: makes the response; it should not raise, because an exception ends the connection
    :param on_stream_error: receives exceptions of a response's iterator; the response is then incomplete
    """

    def __init__(
        self,
        handle: Handle,
        on_stream_error: Callable[[BaseException], None],
        on_open: Callable[["Connection"], None],
        on_closed: Callable[["Connection"], None],
    ):
        self._handle = handle
        self._on_stream_error = on_stream_error
        self._on_open = on_open
        self._on_closed = on_closed
        self._buffer = bytearray()
        self._lost = False
        self._closing = False
        #: Whether a request has begun and its response has not ended.
        self.is_busy = False
        self._data = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._body: Optional[_Body] = None

    # Called by asyncio.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._task = asyncio.get_running_loop().create_task(self._serve())
        self._on_open(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > BUFFERED_BYTES_MAX:
            self._transport.pause_reading()
        self._data.set()

    def connection_lost(self, exc: Optional[Exception]) -> None:
        self._lost = True
        self._data.set()
        self._writable.set()
        self._on_closed(self)
        # Cancels a function that is waiting, because its response is no longer needed.
        self._task.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # Called by the server.

    def finish(self) -> None:
        """Ends the connection after the response in flight, or immediately if there is none."""
        self._closing = True
        if not self.is_busy:
            self._transport.close()

    # Reading.

    async def _serve(self) -> None:
        try:
            while not (self._closing or self._lost):
                request = await self._next_request()
                self.is_busy = True
                await self._respond(request)
                self.is_busy = False
        except (Disconnected, asyncio.CancelledError, ConnectionError):
            pass
        except HttpError as error:
            self._closing = True
            self._write_plain(error.status, error.message)
        finally:
            self.is_busy = False
            self._closing = True
            self._transport.close()

    async def _next_request(self) -> Request:
        while True:
            end = self._buffer.find(b"\r\n\r\n")
            if end >= 0:
                break
            if len(self._buffer) > HEAD_BYTES_MAX:
                raise HttpError(431, "The headers are too large")
            await self._more()
        head = bytes(self._buffer[:end])
        self._consume(end + 4)
        method, target, headers = _parse_head(head)
        self._body = _Body(self, headers)
        return Request(method, target, headers, self._body.pieces)

    async def _more(self) -> None:
        """Waits for more bytes.

        :raises Disconnected: if no more bytes will come
        """
        if self._lost:
            raise Disconnected
        self._data.clear()
        self._transport.resume_reading()
        await self._data.wait()
        if self._lost:
            raise Disconnected

    async def read_line(self) -> bytes:
        while True:
            end = self._buffer.find(b"\r\n")
            if end >= 0:
                line = bytes(self._buffer[:end])
                self._consume(end + 2)
                return line
            if len(self._buffer) > HEAD_BYTES_MAX:
                raise HttpError(400, "A line of the body's framing is too long")
            await self._more()

    async def read_some(self, size_max: int) -> bytes:
        if not self._buffer:
            await self._more()
        piece = bytes(self._buffer[:size_max])
        self._consume(len(piece))
        return piece

    def send_continue(self) -> None:
        self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _consume(self, size: int) -> None:
        del self._buffer[:size]

    # Writing.

    async def _respond(self, request: Request) -> None:
        body = self._body
        assert body is not None
        response = await self._handle(request)
        # The unread rest of a body would precede the next request.
        self._closing = self._closing or not body.is_read
        has_body = request.method != "HEAD" and response.status not in (204, 304)
        if isinstance(response.body, bytes):
            # A response to HEAD may name the length of what GET would return.
            length = len(response.body) if has_body or response.length is None else response.length
            head = self._head(response, length=length)
            self._transport.write(head + response.body if has_body else head)
            await self._writable.wait()
        else:
            await self._stream(response, has_body)

    async def _stream(self, response: Response, has_body: bool) -> None:
        left = response.length
        chunked = has_body and left is None
        self._transport.write(self._head(response, chunked=chunked, length=left))
        pieces = _async_pieces(response.body)
        try:
            async for piece in pieces:
                data = piece.encode() if isinstance(piece, str) else bytes(piece)
                if not has_body:
                    break
                if left is not None:
                    if len(data) > left:
                        raise ValueError(f"The body is longer than its Content-Length, {response.length}")
                    left -= len(data)
                    self._transport.write(data)
                elif data:
                    self._transport.write(b"%x\r\n%b\r\n" % (len(data), data))
                # Back-pressure: a slow client slows the function down.
                await self._writable.wait()
                if self._lost:
                    raise Disconnected
            if chunked:
                self._transport.write(b"0\r\n\r\n")
            elif has_body and left:
                raise ValueError(f"The body is shorter than its Content-Length, {response.length}")
        except (Disconnected, asyncio.CancelledError):
            raise
        except Exception as error:
            self._on_stream_error(error)
            # Without the last chunk the client knows that the response is incomplete.
            self._transport.abort()
            raise Disconnected from error
        finally:
            await pieces.aclose()  # type: ignore[attr-defined]

    def _head(self, response: Response, *, chunked: bool = False, length: Optional[int] = None) -> bytes:
        reason = _reason(response.status)
        return head_of(response, chunked=chunked, close=self._closing, reason=reason, length=length)

    def _write_plain(self, status: int, message: str) -> None:
        response = Response(message + "\n", status)
        assert isinstance(response.body, bytes)
        self._transport.write(self._head(response, length=len(response.body)) + response.body)


class _Body:
    """The body of one request, read once."""

    def __init__(self, connection: Connection, headers: Headers):
        self._connection = connection
        self._expects_continue = (headers.get("expect") or "").lower() == "100-continue"
        self._is_chunked = (headers.get("transfer-encoding") or "").lower() == "chunked"
        length = headers.get("content-length") or "0"
        if not length.isdigit() or "transfer-encoding" in headers and not self._is_chunked:
            raise HttpError(400, "The length of the body is not told")
        self._left = int(length)
        self._is_taken = False
        self.is_read = not self._is_chunked and self._left == 0

    async def pieces(self) -> AsyncIterator[bytes]:
        if self.is_read:
            return
        if self._is_taken:
            raise RuntimeError("The request's body was read already")
        self._is_taken = True
        if self._expects_continue:
            self._connection.send_continue()
        if not self._is_chunked:
            while self._left > 0:
                piece = await self._connection.read_some(self._left)
                self._left -= len(piece)
                yield piece
        else:
            async for piece in self._chunks():
                yield piece
        self.is_read = True

    async def _chunks(self) -> AsyncIterator[bytes]:
        while True:
            size_text = (await self._connection.read_line()).split(b";")[0].strip()
            try:
                left = int(size_text, 16)
            except ValueError:
                raise HttpError(400, "A chunk of the body has no size") from None
            if left == 0:
                break
            while left > 0:
                piece = await self._connection.read_some(left)
                left -= len(piece)
                yield piece
            await self._connection.read_line()
        while await self._connection.read_line():
            pass  # trailers


def _parse_head(head: bytes) -> Tuple[str, str, Headers]:
    first, *lines = head.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise HttpError(400, "This is no HTTP/1.1 request")
    items: List[Tuple[str, str]] = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise HttpError(400, "A header is malformed")
        items.append((name, value.strip()))
    return parts[0], parts[1], Headers(items)


async def _async_pieces(body: Any) -> AsyncIterator[Any]:
    if hasattr(body, "__aiter__"):
        async for piece in body:
            yield piece
        return
    loop = asyncio.get_running_loop()
    end = object()
    try:
        while True:
            # A plain iterator may block, which must not affect other requests.
            piece = await loop.run_in_executor(None, next, body, end)
            if piece is end:
                return
            yield piece
    finally:
        if hasattr(body, "close"):
            body.close()


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
