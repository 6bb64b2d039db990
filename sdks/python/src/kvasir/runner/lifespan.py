"""Start and end of an ASGI application.

https://asgi.readthedocs.io/en/latest/specs/lifespan.html
"""

from __future__ import annotations

import asyncio
from typing import Any, Awaitable, Callable, Dict, Optional

from .application import StartFailed

#: What every scope says about the protocol.
ASGI = {"version": "3.0", "spec_version": "2.3"}


class Lifespan:
    def __init__(self, app: Callable[..., Awaitable[None]]):
        self._app = app
        self._told: "asyncio.Queue[Dict[str, str]]" = asyncio.Queue()
        self._replied = asyncio.Event()
        self._failure: Optional[str] = None
        self._running: "Optional[asyncio.Future[Any]]" = None
        #: What the application wants to find in each request's scope.
        self.state: Dict[str, Any] = {}

    async def start(self) -> None:
        """:raises StartFailed: if the application says that it cannot start"""
        scope = {"type": "lifespan", "asgi": ASGI, "state": self.state}
        self._running = asyncio.ensure_future(self._app(scope, self._told.get, self._send))
        if not await self._tell("lifespan.startup"):
            self._running = None  # It does not have this part of the protocol.

    async def stop(self) -> None:
        if self._running is not None:
            await self._tell("lifespan.shutdown")

    async def _tell(self, event: str) -> bool:
        """Returns False if the application has ended instead of replying."""
        assert self._running is not None
        self._replied.clear()
        self._told.put_nowait({"type": event})
        replied: "asyncio.Future[Any]" = asyncio.ensure_future(self._replied.wait())
        await asyncio.wait({self._running, replied}, return_when=asyncio.FIRST_COMPLETED)
        replied.cancel()
        if self._failure is not None:
            raise StartFailed(self._failure)
        if self._replied.is_set():
            return True
        self._running.exception()  # Retrieved, or asyncio would log it.
        return False

    async def _send(self, message: Dict[str, Any]) -> None:
        if message["type"] == "lifespan.startup.failed":
            self._failure = message.get("message") or "The application says that it cannot start."
        self._replied.set()
