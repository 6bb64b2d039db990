"""ASGI applications: FastAPI, Starlette, Quart, Django, Litestar.

https://asgi.readthedocs.io/en/latest/specs/www.html
"""

from __future__ import annotations

import asyncio
from typing import Any, AsyncIterator, Awaitable, Callable, Dict, MutableMapping, Optional
from urllib.parse import unquote

from .application import Application
from .calls import Calls
from .connection import Disconnected
from .lifespan import ASGI, Lifespan
from .request import Request
from .response import Response, streamed

Message = MutableMapping[str, Any]
AsgiCallable = Callable[..., Awaitable[None]]


class AsgiApplication(Application):
    """
    :param has_lifespan: False for a response that is an ASGI application, as Starlette's are
    """

    def __init__(self, app: AsgiCallable, *, has_lifespan: bool = True):
        self._app = app
        self._lifespan: Optional[Lifespan] = Lifespan(app) if has_lifespan else None

    async def start(self) -> None:
        if self._lifespan is not None:
            await self._lifespan.start()

    async def stop(self) -> None:
        if self._lifespan is not None:
            await self._lifespan.stop()

    async def respond(self, request: Request, calls: Calls) -> Response:
        state = None if self._lifespan is None else self._lifespan.state
        exchange = _Exchange(request)
        # It is not cancelled with its client: it hears of `http.disconnect` and decides itself.
        running = asyncio.ensure_future(
            self._app(_scope(request, state), exchange.receive, exchange.send)
        )
        running.add_done_callback(lambda _: exchange.ended(_error_of(running), calls))
        try:
            return await exchange.response(on_cut=lambda: calls.abandon(running))
        except asyncio.CancelledError:
            exchange.disconnect()
            calls.abandon(running)
            raise


class _Exchange:
    """One request and its response."""

    def __init__(self, request: Request):
        self._body = request.stream()
        self._body_is_read = False
        #: What the application has sent and the client has not got. Only one piece, so that a slow client slows
        #: the application down.
        self._piece: Optional[bytes] = None
        self._start: Optional[Message] = None
        self._is_complete = False
        self._error: Optional[BaseException] = None
        self._begun = asyncio.Event()
        self._arrived = asyncio.Event()
        self._taken = asyncio.Event()
        #: The client is gone, or has the whole response.
        self._disconnected = asyncio.Event()

    # Called by the application.

    async def receive(self) -> Message:
        if not self._body_is_read and not self._disconnected.is_set():
            try:
                piece = await self._body.__anext__()
            except StopAsyncIteration:
                self._body_is_read = True
                return {"type": "http.request", "body": b"", "more_body": False}
            except Disconnected:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": piece, "more_body": True}
        await self._disconnected.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            if self._start is not None:
                raise RuntimeError("The application has begun its response twice")
            self._start = message
            if not _has_length(message):
                self._begun.set()  # A stream: its first piece may come late.
        elif kind == "http.response.body":
            if self._start is None:
                raise RuntimeError("The application has sent a body before it has begun the response")
            if self._is_complete:
                raise RuntimeError("The application has sent a body after the end of the response")
            await self._put(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                self._is_complete = True
            self._begun.set()
            self._arrived.set()
            if self._is_complete:
                self._disconnected.set()
        else:
            raise RuntimeError(f"The application has sent {kind}, which is not part of an HTTP response")

    async def _put(self, piece: bytes) -> None:
        while self._piece is not None and not self._disconnected.is_set():
            self._taken.clear()
            await self._taken.wait()
        self._piece = piece

    # Called by the server.

    def ended(self, error: Optional[BaseException], calls: Calls) -> None:
        """The application has returned or raised."""
        if self._is_complete:
            if error is not None:
                calls.report(error)
        elif not self._disconnected.is_set():
            self._error = error or RuntimeError("The application has ended before its response")
            self._begun.set()
            self._arrived.set()

    def disconnect(self) -> None:
        self._disconnected.set()
        self._taken.set()

    async def response(self, *, on_cut: Callable[[], None]) -> Response:
        await self._begun.wait()
        if self._start is None:
            assert self._error is not None
            raise self._error
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self._start["headers"]]
        status = self._start["status"]
        if self._is_complete:
            return Response(self._piece, status, headers, adds_type=False)
        return streamed(self._pieces(on_cut), status, headers)

    async def _pieces(self, on_cut: Callable[[], None]) -> AsyncIterator[bytes]:
        try:
            while True:
                if self._piece is not None:
                    piece, self._piece = self._piece, None
                    self._taken.set()
                    yield piece
                elif self._error is not None:
                    raise self._error
                elif self._is_complete:
                    return
                else:
                    self._arrived.clear()
                    await self._arrived.wait()
        finally:
            if not self._is_complete and self._error is None:
                self.disconnect()
                on_cut()


def _error_of(running: "asyncio.Future[Any]") -> Optional[BaseException]:
    return None if running.cancelled() else running.exception()


def _has_length(start: Message) -> bool:
    return any(name.lower() == b"content-length" for name, _ in start["headers"])


def _scope(request: Request, state: Optional[Dict[str, Any]]) -> Dict[str, Any]:
    path, query = request.path.encode("latin-1"), request.query_string.encode("latin-1")
    host, _, port = request.headers.get("host", "localhost").rpartition(":")  # type: ignore[union-attr]
    scheme = request.scheme
    client = request.headers.get("cf-connecting-ip")
    return {
        "type": "http",
        "asgi": ASGI,
        "http_version": "1.1",
        "method": request.method,
        "scheme": scheme,
        "path": unquote(request.path),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request.headers.items()
        ],
        "client": None if client is None else (client, 0),
        "server": (host, int(port)) if port.isdigit() else (port, 443 if scheme == "https" else 80),
        **({} if state is None else {"state": dict(state)}),
    }
