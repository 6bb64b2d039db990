"""``handler(request)``, plain or async."""

from __future__ import annotations

import inspect
from typing import Any, Callable

from .application import Application
from .calls import Calls
from .request import Request, SyncRequest
from .response import Response, response_of
from .shapes import application_of


class HandlerApplication(Application):
    def __init__(self, handler: Callable[..., Any], *, is_async: bool):
        self._handler = handler
        self._is_async = is_async

    async def respond(self, request: Request, calls: Calls) -> Response:
        result = await self._call(request, calls)
        # Responses of Starlette and of Werkzeug are applications themselves.
        application = application_of(result)
        if application is not None:
            return await application.respond(request, calls)
        return response_of(result)

    async def _call(self, request: Request, calls: Calls) -> Any:
        if self._is_async:
            result = self._handler(request)
            return await calls.cancellable(result) if inspect.isawaitable(result) else result
        result = await calls.in_thread(self._handler, SyncRequest(request, await request.body()))
        return await result if inspect.isawaitable(result) else result
