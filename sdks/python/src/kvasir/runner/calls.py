"""Runs the calls of a function."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from typing import Any, Awaitable, Callable, Iterator

from .background import Background
from .limits import SYNC_HANDLERS_MAX


class Calls:
    """
    :param background: the tasks that requests have created
    :param report: receives exceptions that come after the response has begun
    """

    def __init__(self, background: Background, report: Callable[[BaseException], Any]):
        self._background = background
        self._threads = ThreadPoolExecutor(SYNC_HANDLERS_MAX, thread_name_prefix="handler")
        self.report = report
        #: Calls that still run although their client has disconnected.
        self.abandoned = 0

    async def in_thread(self, function: Callable[..., Any], *args: Any) -> Any:
        # With the request's context, as asyncio.to_thread() does.
        call = partial(copy_context().run, function, *args)
        running = asyncio.get_running_loop().run_in_executor(self._threads, call)
        with self.counted(running):
            return await asyncio.shield(running)

    async def cancellable(self, call: Awaitable[Any]) -> Any:
        """Cancels a call if its client disconnects. A call that keeps running is counted."""
        running = asyncio.ensure_future(call)
        self._background.forget(running)
        with self.counted(running):
            try:
                return await asyncio.shield(running)
            except asyncio.CancelledError:
                running.cancel()
                raise

    @contextmanager
    def counted(self, running: "asyncio.Future[Any]") -> Iterator[None]:
        """Counts a call as abandoned if the wait for it is cancelled."""
        try:
            yield
        except asyncio.CancelledError:
            self.abandon(running)
            raise

    def abandon(self, running: "asyncio.Future[Any]") -> None:
        if not running.done():
            self.abandoned += 1
            running.add_done_callback(self._ended)

    def _ended(self, running: "asyncio.Future[Any]") -> None:
        self.abandoned -= 1
        # Its result is not needed, but asyncio would warn about an exception that is never retrieved.
        if not running.cancelled():
            running.exception()
