"""A watch for asyncio."""

from __future__ import annotations

import asyncio
import threading
from typing import Callable, Optional, Tuple, Union

from .limits import LOOP_POLL_SECONDS, WATCH_CHANGES_HELD_MAX
from .threads import in_thread
from .watch import Change, Watch

#: A change, the error that ended the watch, or the end.
Told = Union[Change, Exception, None]


class AsyncWatch:
    """Iterates over changes until it is closed. It begins with ``async with`` or the first change."""

    def __init__(self, connect: Callable[[], Watch]):
        self._connect = connect
        self._started: Optional[Tuple[Watch, "_Handover"]] = None

    def __aiter__(self) -> "AsyncWatch":
        return self

    async def __anext__(self) -> Change:
        handover = await self._start()
        told = await handover.take()
        if isinstance(told, Change):
            return told
        handover.told.put_nowait(None)  # For further calls after the end.
        raise StopAsyncIteration if told is None else told

    async def close(self) -> None:
        """Ends the iteration."""
        if self._started is None:
            return
        watch, handover = self._started
        watch.close()
        while not handover.told.empty():
            handover.told.get_nowait()
        handover.told.put_nowait(None)

    async def __aenter__(self) -> "AsyncWatch":
        await self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __del__(self) -> None:
        # After a `break` in `async for`, only this ends the reader.
        if self._started is not None:
            self._started[0].close()

    async def _start(self) -> "_Handover":
        if self._started is None:
            watch = await in_thread(self._connect)
            handover = _Handover(asyncio.get_running_loop())
            self._started = (watch, handover)
            # A separate thread: watches must not use up the threads of operations.
            threading.Thread(target=_read, args=(watch, handover), name="kvasir-watch", daemon=True).start()
        return self._started[1]


class _Handover:
    """Takes what a thread reads to an event loop. The thread never waits for the loop to run something.

    A loop that ends may drop what was scheduled on it, so a thread that waited for that would wait for ever.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop):
        self._loop = loop
        self._space = threading.Semaphore(WATCH_CHANGES_HELD_MAX)
        self.told: "asyncio.Queue[Told]" = asyncio.Queue()

    async def take(self) -> Told:
        told = await self.told.get()
        self._space.release()
        return told

    def tell(self, told: Told, watch: Watch) -> bool:
        """Returns False if nothing reads any more."""
        while not self._space.acquire(timeout=LOOP_POLL_SECONDS):
            if watch.closed or self._loop.is_closed():
                return False
        try:
            self._loop.call_soon_threadsafe(self.told.put_nowait, told)
        except RuntimeError:  # The event loop has ended.
            return False
        return True


def _read(watch: Watch, handover: _Handover) -> None:
    try:
        for change in watch:
            if not handover.tell(change, watch):
                return
        handover.tell(None, watch)
    except Exception as error:
        handover.tell(error, watch)
    finally:
        watch.close()
