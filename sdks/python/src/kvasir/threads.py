"""The threads in which an async namespace waits."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Callable, Optional, Tuple, TypeVar

from .limits import ASYNC_OPERATIONS_MAX

T = TypeVar("T")
#: Of one process: the threads of a parent do not exist in its forked children.
_threads: Optional[Tuple[int, ThreadPoolExecutor]] = None


async def in_thread(operation: Callable[..., T], *args: Any, **options: Any) -> T:
    """Not asyncio's own pool: user code that fills that one would stop the store, too."""
    global _threads
    if _threads is None or _threads[0] != os.getpid():
        _threads = (os.getpid(), ThreadPoolExecutor(ASYNC_OPERATIONS_MAX, thread_name_prefix="kvasir"))
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads[1], partial(operation, *args, **options))
