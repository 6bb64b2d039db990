"""The threads that wait for the operations of async namespaces."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError
from functools import partial
from typing import Any, AsyncIterable, Callable, Iterator, Optional, Tuple, TypeVar

from .limits import ASYNC_OPERATIONS_MAX, LOOP_POLL_SECONDS

T = TypeVar("T")
#: With the process id, because the threads of a parent do not exist in its forked children.
_threads: Optional[Tuple[int, ThreadPoolExecutor]] = None


async def in_thread(operation: Callable[..., T], *args: Any, **options: Any) -> T:
    """Runs an operation outside of asyncio's own pool, which user code may fill."""
    global _threads
    if _threads is None or _threads[0] != os.getpid():
        _threads = (os.getpid(), ThreadPoolExecutor(ASYNC_OPERATIONS_MAX, thread_name_prefix="kvasir"))
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads[1], partial(operation, *args, **options))


def from_loop(source: AsyncIterable[T]) -> Iterator[T]:
    """Returns an iterator for another thread over what the running event loop produces."""
    loop = asyncio.get_running_loop()
    items = source.__aiter__()

    async def following() -> Tuple[bool, Optional[T]]:
        try:
            return True, await items.__anext__()
        except StopAsyncIteration:
            return False, None

    def iterate() -> Iterator[T]:
        while True:
            has_item, item = _result(asyncio.run_coroutine_threadsafe(following(), loop), loop)
            if not has_item:
                return
            yield item  # type: ignore[misc]

    return iterate()


def _result(future: "Future[T]", loop: asyncio.AbstractEventLoop) -> T:
    """A loop that ends drops what was scheduled on it, so its end is looked for."""
    while True:
        try:
            return future.result(LOOP_POLL_SECONDS)
        except TimeoutError:
            if future.done():
                raise  # Of the source itself.
            if loop.is_closed():
                raise RuntimeError("The event loop ended before the value was sent") from None
