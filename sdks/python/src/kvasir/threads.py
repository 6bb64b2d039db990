"""The threads that wait for the operations of async namespaces."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Callable, Optional, Tuple, TypeVar

from .limits import ASYNC_OPERATIONS_MAX

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
