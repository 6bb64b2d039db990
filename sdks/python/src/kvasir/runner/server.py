"""Serves one function."""

from __future__ import annotations

import asyncio
import inspect
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, Iterator, Set

from .background import Background, end_after
from .connection import Connection, Disconnected
from .control import Control
from .limits import DRAIN_SECONDS, LISTEN_BACKLOG, SYNC_HANDLERS_MAX
from .load import Function, own_stack
from .request import HttpError, Request, SyncRequest
from .response import Response, response_of


class Server:
    """
    :param shows_errors: responds to an exception with its traceback, as `kvasir dev` does
    """

    def __init__(self, function: Function, control: Control, *, shows_errors: bool):
        self._function = function
        self._control = control
        self._shows_errors = shows_errors
        self._threads = ThreadPoolExecutor(SYNC_HANDLERS_MAX, thread_name_prefix="handler")
        self._connections: Set[Connection] = set()
        self._background = Background()
        self._abandoned = 0

    @property
    def is_stuck(self) -> bool:
        """Whether a call still runs although its client has disconnected."""
        return self._abandoned > 0

    async def run(self, sock: socket.socket) -> None:
        """Serves until SIGTERM or until the parent process has ended."""
        loop = asyncio.get_running_loop()
        self._background.watch(loop)
        stopped = asyncio.Event()
        server = await loop.create_server(self._connection, sock=sock, backlog=LISTEN_BACKLOG)
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, stopped.set)
        self._control.listen(self._on_message, stopped.set)
        self._control.tell("ready")
        await stopped.wait()
        end_after(DRAIN_SECONDS)
        server.close()
        await self._drain()

    async def _drain(self) -> None:
        for connection in list(self._connections):
            connection.finish()
        while self._connections or len(self._background) > 0:
            await asyncio.sleep(0.01)

    def _connection(self) -> Connection:
        return Connection(self._handle, self._report, self._connections.add, self._connections.discard)

    def _on_message(self, message: str) -> None:
        if message == "ping":
            requests = sum(connection.is_busy for connection in self._connections)
            self._control.tell(
                "pong", abandoned=self._abandoned, requests=requests, tasks=len(self._background)
            )

    async def _handle(self, request: Request) -> Response:
        try:
            return response_of(await self._call(request))
        except (asyncio.CancelledError, Disconnected):
            raise
        except HttpError as error:
            return Response(error.message + "\n", error.status)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            stack = self._report(error)
            return Response(f"{stack}\n" if self._shows_errors else "Internal Server Error\n", 500)

    async def _call(self, request: Request) -> Any:
        handler = self._function.handler
        self._background.request_begins()
        if self._function.is_async:
            result = handler(request)
            return result if inspect.isasyncgen(result) else await self._cancellable(result)
        sync = SyncRequest(request, await request.body())
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._threads, partial(handler, sync))
        with self._counted(running):
            result = await asyncio.shield(running)
        return await result if inspect.isawaitable(result) else result

    async def _cancellable(self, coroutine: Any) -> Any:
        """Cancels the function if its client disconnects. A function that keeps running is counted."""
        running = asyncio.ensure_future(coroutine)
        self._background.forget(running)
        with self._counted(running):
            try:
                return await asyncio.shield(running)
            except asyncio.CancelledError:
                running.cancel()
                raise

    @contextmanager
    def _counted(self, running: "asyncio.Future[Any]") -> Iterator[None]:
        try:
            yield
        except asyncio.CancelledError:
            if not running.done():
                self._abandoned += 1
                running.add_done_callback(self._ended)
            raise

    def _ended(self, running: "asyncio.Future[Any]") -> None:
        self._abandoned -= 1
        # Its result is not needed, but asyncio would warn about an exception that is never retrieved.
        if not running.cancelled():
            running.exception()

    def _report(self, error: BaseException) -> str:
        stack = own_stack(error)
        self._control.tell("error", message=stack.rsplit("\n", 1)[-1], stack=stack)
        return stack
