"""Recognises what a user's file serves requests with."""

from __future__ import annotations

import inspect
import os
from http.server import BaseHTTPRequestHandler
from typing import Any, Callable, List, Optional

from .application import Application
from .asgi import AsgiApplication
from .http_server import HttpServerApplication
from .wsgi import WsgiApplication


def application_of(value: Any, *, has_lifespan: bool = False) -> Optional[Application]:
    """Returns None if the value is not an ASGI or a WSGI application, or a class of http.server."""
    if inspect.isclass(value):
        return HttpServerApplication(value) if issubclass(value, BaseHTTPRequestHandler) else None
    if not callable(value):
        return None
    names = _required(value)
    if names is None:
        return None
    found: Any = value
    if len(names) == 3 and (_is_async(value) or names == ["scope", "receive", "send"]):
        return AsgiApplication(found, has_lifespan=has_lifespan)
    # The first is often called `environ` or `env`. The second is `start_response` in all that is written.
    if len(names) == 2 and names[1] in ("start_response", "start"):
        return WsgiApplication(found)
    return None


def telnyx_application(new: Callable[[], Any]) -> Optional[Application]:
    """What ``new()`` returns, if that has ``handle(scope, receive, send)``."""
    instance = new()
    handle = getattr(instance, "handle", None)
    return None if handle is None else _TelnyxApplication(instance, handle)


def is_async_function(value: Any) -> bool:
    """Also of a function behind decorators that use functools.wraps, and of an object with an async call."""
    function = inspect.unwrap(value)
    return _is_async(function) or inspect.isasyncgenfunction(function)


class _TelnyxApplication(AsgiApplication):
    """https://developers.telnyx.com: ``start(cfg)`` and ``stop()`` take the place of the lifespan."""

    def __init__(self, instance: Any, handle: Callable[..., Any]):
        super().__init__(handle, has_lifespan=False)
        self._instance = instance

    async def start(self) -> None:
        await self._call("start", dict(os.environ))

    async def stop(self) -> None:
        await self._call("stop")

    async def _call(self, name: str, *args: Any) -> None:
        method = getattr(self._instance, name, None)
        result = None if method is None else method(*args)
        if inspect.isawaitable(result):
            await result


def _is_async(value: Any) -> bool:
    return inspect.iscoroutinefunction(value) or inspect.iscoroutinefunction(getattr(value, "__call__", None))


def _required(value: Any) -> Optional[List[str]]:
    """The names of the positional parameters without a default; None if they cannot be told."""
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return None
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [it.name for it in parameters if it.kind in positional and it.default is inspect.Parameter.empty]
