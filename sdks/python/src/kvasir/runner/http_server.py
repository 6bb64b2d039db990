"""Handlers in the style of http.server: a class, or functions of the module, with ``do_GET(self)``."""

from __future__ import annotations

import io
from http.client import HTTPResponse
from http.server import BaseHTTPRequestHandler
from types import ModuleType
from typing import Any, Optional, Type

from .application import Application
from .calls import Calls
from .request import Request
from .response import Response


class HttpServerApplication(Application):
    def __init__(self, kind: Type[BaseHTTPRequestHandler]):
        self._kind = kind

    async def respond(self, request: Request, calls: Calls) -> Response:
        sent = _as_sent(request, await request.body())
        return await calls.in_thread(_call, self._kind, sent, request)  # type: ignore[no-any-return]


def class_of(module: ModuleType) -> Optional[Type[BaseHTTPRequestHandler]]:
    """A class out of the functions ``do_GET(self)``, … of a module, if it has any."""
    methods = {name: method for name, method in vars(module).items() if name.startswith("do_") and callable(method)}
    if not any(name[3:].isupper() for name in methods):
        return None
    return type("Handler", (BaseHTTPRequestHandler,), methods)


def _call(kind: Type[BaseHTTPRequestHandler], sent: bytes, request: Request) -> Response:
    connection = _Connection(sent)
    kind(connection, (request.headers.get("cf-connecting-ip", "127.0.0.1"), 0), None)  # type: ignore[arg-type]
    received = HTTPResponse(_Connection(connection.answer.getvalue()), method=request.method)  # type: ignore[arg-type]
    received.begin()
    body = received.read()
    return Response(body, received.status, received.getheaders(), adds_type=False)


class _Connection:
    """The part of a socket that http.server and http.client use."""

    def __init__(self, received: bytes):
        self._received = received
        self.answer = io.BytesIO()

    def makefile(self, mode: str, *_: Any) -> io.BytesIO:
        return io.BytesIO(self._received)

    def sendall(self, data: Any) -> None:
        self.answer.write(data)

    def settimeout(self, seconds: Any) -> None:
        pass


def _as_sent(request: Request, body: bytes) -> bytes:
    lines = [f"{request.method} {request.target} HTTP/1.0"]
    dropped = {"connection", "content-length", "expect", "transfer-encoding"}
    lines += [f"{name}: {value}" for name, value in request.headers.items() if name.lower() not in dropped]
    lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body
