"""Work that continues after a response."""

from __future__ import annotations

import asyncio
import os
import threading
from contextvars import ContextVar
from typing import Any, Coroutine, Set

#: A task inherits it from the task that creates it.
_in_request: ContextVar[bool] = ContextVar("in_request", default=False)


class Background:
    """The unfinished tasks that requests have created. References keep them alive; asyncio does not."""

    def __init__(self) -> None:
        self._tasks: Set["asyncio.Future[Any]"] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        # The protocol of the type also allows generators, which asyncio no longer takes.
        create: Any = self._create
        loop.set_task_factory(create)

    def request_begins(self) -> None:
        _in_request.set(True)

    def forget(self, task: "asyncio.Future[Any]") -> None:
        """Excludes a task that is the request itself."""
        self._tasks.discard(task)

    def _create(
        self, loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], **options: Any
    ) -> "asyncio.Task[Any]":
        task: "asyncio.Task[Any]" = asyncio.Task(coroutine, loop=loop, **options)
        if _in_request.get():
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return task


def end_after(seconds: float) -> None:
    """Ends this process after a delay, even if work is in progress."""
    timer = threading.Timer(seconds, os._exit, [0])
    timer.daemon = True
    timer.start()
