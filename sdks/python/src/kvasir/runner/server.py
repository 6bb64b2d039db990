"""Serves one function."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from pathlib import Path
from typing import Set

from .application import Application
from .background import Background, end_after
from .blocked import watch_for_blocking
from .calls import Calls
from .connection import Connection, Disconnected
from .control import Control
from .limits import DRAIN_SECONDS, LISTEN_BACKLOG
from .load import own_stack
from .output import request_id
from .request import HttpError, Request
from .response import Response


class Server:
    """
    :param root: folder of the user's own code
    :param shows_errors: responds to an exception with its traceback, as `kvasir dev` does
    """

    def __init__(self, application: Application, control: Control, *, root: Path, shows_errors: bool):
        self._application = application
        self._control = control
        self._root = root
        self._shows_errors = shows_errors
        self._connections: Set[Connection] = set()
        self._background = Background()
        self._calls = Calls(self._background, self._report)

    @property
    def is_stuck(self) -> bool:
        """Whether a call still runs although its client has disconnected."""
        return self._calls.abandoned > 0

    async def run(self, sock: socket.socket) -> None:
        """Serves until SIGTERM or until the parent process has ended.

        :raises StartFailed: if the application says that it cannot start
        """
        await self._application.start()
        loop = asyncio.get_running_loop()
        self._background.watch(loop)
        stopped = asyncio.Event()
        server = await loop.create_server(self._connection, sock=sock, backlog=LISTEN_BACKLOG)
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, stopped.set)
        self._control.listen(self._on_message, stopped.set)
        self._control.tell("ready")
        watch_for_blocking(self._root, lambda text: print(text, file=sys.stderr, flush=True))
        await stopped.wait()
        end_after(DRAIN_SECONDS)
        server.close()
        await self._drain()
        await self._application.stop()

    async def _drain(self) -> None:
        for connection in list(self._connections):
            connection.finish()
        while self._connections or len(self._background) > 0:
            await asyncio.sleep(0.01)

    def _connection(self) -> Connection:
        return Connection(self._handle, self._calls.report, self._connections.add, self._connections.discard)

    def _on_message(self, message: str) -> None:
        if message == "ping":
            requests = sum(connection.is_busy for connection in self._connections)
            self._control.tell(
                "pong", abandoned=self._calls.abandoned, requests=requests, tasks=len(self._background)
            )

    async def _handle(self, request: Request) -> Response:
        try:
            self._background.request_begins()
            request_id.set(request.headers.get("x-request-id") or "")
            return await self._application.respond(request, self._calls)
        except (asyncio.CancelledError, Disconnected):
            raise
        except HttpError as error:
            return Response(error.message + "\n", error.status)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            stack = self._report(error)
            return Response(f"{stack}\n" if self._shows_errors else "Internal Server Error\n", 500)

    def _report(self, error: BaseException) -> str:
        stack = own_stack(error)
        request = request_id.get()
        named = {"request": request} if request else {}
        self._control.tell("error", message=stack.rsplit("\n", 1)[-1], stack=stack, **named)
        return stack
