"""What a user's file serves requests with."""

from __future__ import annotations

from abc import ABC, abstractmethod

from .calls import Calls
from .request import Request
from .response import Response


class StartFailed(Exception):
    """An application has refused to start."""


class Application(ABC):
    """One shape of programs: a handler, an ASGI or a WSGI application, a class with ``do_GET``."""

    async def start(self) -> None:
        """Runs before the first request.

        :raises StartFailed: with the reason
        """

    @abstractmethod
    async def respond(self, request: Request, calls: Calls) -> Response:
        """Raises what the user's code raises, as long as the response has not begun."""

    async def stop(self) -> None:
        """Runs after the last request."""
