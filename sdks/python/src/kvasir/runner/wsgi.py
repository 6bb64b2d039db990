"""WSGI applications: Flask, Django, Bottle, Falcon.

https://peps.python.org/pep-3333/
"""

from __future__ import annotations

import io
import sys
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple
from urllib.parse import unquote_to_bytes

from .application import Application
from .calls import Calls
from .request import Request
from .response import Response, streamed

WsgiCallable = Callable[..., Iterable[bytes]]


class WsgiApplication(Application):
    def __init__(self, app: WsgiCallable):
        self._app = app

    async def respond(self, request: Request, calls: Calls) -> Response:
        environ = _environ(request, await request.body())
        return await calls.in_thread(_call, self._app, environ)  # type: ignore[no-any-return]


def _call(app: WsgiCallable, environ: Dict[str, Any]) -> Response:
    begun = _Begun()
    result = app(environ, begun.start_response)
    wrote = len(begun.written) > 0
    pieces = _pieces(result, begun)
    # The application may call `start_response` as late as with its first piece.
    first = next(pieces, b"")
    if begun.status is None:
        raise RuntimeError("The application has returned without calling start_response")
    known = len(result) if isinstance(result, (list, tuple)) else None
    if known is not None and known <= 1 and not wrote:
        for _ in pieces:
            pass
        return Response(first, begun.status, begun.headers, adds_type=False)
    return streamed(_chained(first, pieces), begun.status, begun.headers)


class _Begun:
    """What the application says about its response before the body."""

    def __init__(self) -> None:
        self.status: Optional[int] = None
        self.headers: List[Tuple[str, str]] = []
        self.written: List[bytes] = []
        self._is_sent = False

    def start_response(
        self, status: str, headers: List[Tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        if exc_info is not None and self._is_sent:
            raise exc_info[1].with_traceback(exc_info[2])
        if exc_info is None and self.status is not None:
            raise RuntimeError("The application has called start_response twice")
        self.status = int(status.split(" ", 1)[0])
        self.headers = list(headers)
        return self.written.append

    def sent(self) -> None:
        self._is_sent = True


def _pieces(result: Iterable[bytes], begun: _Begun) -> Iterator[bytes]:
    try:
        for piece in result:
            written, begun.written = begun.written, []
            yield from written
            if piece:
                begun.sent()
                yield piece
        yield from begun.written
    finally:
        close = getattr(result, "close", None)
        if close is not None:
            close()


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield first
        yield from rest
    finally:
        rest.close()  # type: ignore[attr-defined]


def _environ(request: Request, body: bytes) -> Dict[str, Any]:
    host, _, port = request.headers.get("host", "localhost").rpartition(":")  # type: ignore[union-attr]
    if not port.isdigit():
        host, port = port, "443" if request.scheme == "https" else "80"
    environ: Dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": request.query_string,
        "RAW_URI": request.target,
        "REQUEST_URI": request.target,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.headers.get("cf-connecting-ip", "127.0.0.1"),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name in request.headers.keys():
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING") and "_" not in name:
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = request.headers[name]
    return environ
