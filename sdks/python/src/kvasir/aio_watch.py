"""A watch for asyncio."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError
from typing import Callable, Optional, Tuple, Union

from .limits import WATCH_CHANGES_HELD_MAX
from .threads import in_thread
from .watch import Change, Watch

#: A change, the error that ended the watch, or the end.
Told = Union[Change, Exception, None]


class AsyncWatch:
    """Iterates over changes until it is closed. It begins with ``async with`` or the first change."""

    def __init__(self, connect: Callable[[], Watch]):
        self._connect = connect
        self._started: Optional[Tuple[Watch, "asyncio.Queue[Told]"]] = None

    def __aiter__(self) -> "AsyncWatch":
        return self

    async def __anext__(self) -> Change:
        queue = await self._start()
        told = await queue.get()
        if isinstance(told, Change):
            return told
        queue.put_nowait(None)  # For further calls after the end.
        raise StopAsyncIteration if told is None else told

    async def close(self) -> None:
        if self._started is None:
            return
        watch, queue = self._started
        watch.close()
        # The reader may be waiting for space in the queue.
        while not queue.empty():
            queue.get_nowait()

    async def __aenter__(self) -> "AsyncWatch":
        await self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __del__(self) -> None:
        # After a `break` in `async for`, only this ends the reader.
        if self._started is not None:
            self._started[0].close()

    async def _start(self) -> "asyncio.Queue[Told]":
        if self._started is None:
            watch = await in_thread(self._connect)
            queue: "asyncio.Queue[Told]" = asyncio.Queue(WATCH_CHANGES_HELD_MAX)
            self._started = (watch, queue)
            # A separate thread: watches must not use up the threads of operations.
            loop = asyncio.get_running_loop()
            threading.Thread(target=_read, args=(watch, queue, loop), name="kvasir-watch", daemon=True).start()
        return self._started[1]


def _read(watch: Watch, queue: "asyncio.Queue[Told]", loop: asyncio.AbstractEventLoop) -> None:
    def tell(told: Told) -> None:
        put = queue.put(told)
        try:
            asyncio.run_coroutine_threadsafe(put, loop).result()
        finally:
            put.close()  # The event loop has ended and never started it.

    try:
        try:
            for change in watch:
                tell(change)
        except Exception as error:
            tell(error)
        else:
            tell(None)
    except (RuntimeError, CancelledError):
        pass  # The event loop has ended, so nothing reads the queue any more.
    finally:
        watch.close()
