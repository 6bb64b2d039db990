"""Recipes as sequences of steps, so that one implementation serves threads and asyncio.

A recipe's operation is a generator. It yields steps (a request, a pause, a call of the user's code), gets
their results, and returns. :func:`run` takes the steps in the calling thread, :func:`run_async` awaits them.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Callable, Generator, Optional, Set, TypeVar, Union

from ..aio import AsyncAtomic, AsyncNamespace
from ..atomic import Atomic
from ..namespace import Namespace

T = TypeVar("T")
Changes = Union[Atomic, AsyncAtomic]


class Step:
    """Something that takes time."""

    def run(self, kv: Namespace) -> Any:
        raise NotImplementedError

    async def run_async(self, kv: AsyncNamespace) -> Any:
        raise NotImplementedError


#: An operation of a recipe that returns a T.
Steps = Generator[Step, Any, T]


class Request(Step):
    """Calls a method of the namespace."""

    def __init__(self, method: str, *args: Any, **options: Any):
        self._method, self._args, self._options = method, args, options

    def run(self, kv: Namespace) -> Any:
        return getattr(kv, self._method)(*self._args, **self._options)

    async def run_async(self, kv: AsyncNamespace) -> Any:
        return await getattr(kv, self._method)(*self._args, **self._options)


class Commit(Step):
    """Makes several changes, all or none. The result is their version, or ``None`` if a check failed."""

    def __init__(self, add: Callable[[Changes], object]):
        self._add = add

    def run(self, kv: Namespace) -> Optional[int]:
        changes = kv.atomic()
        self._add(changes)
        return changes.commit()

    async def run_async(self, kv: AsyncNamespace) -> Optional[int]:
        changes = kv.atomic()
        self._add(changes)
        return await changes.commit()


class Call(Step):
    """Calls a function of the user, which may be ``async`` under asyncio.

    :param timeout: seconds after which an ``async`` function is cancelled; others cannot be stopped
    """

    def __init__(self, function: Callable[..., Any], *args: Any, timeout: Optional[float] = None):
        self._function, self._args, self._timeout = function, args, timeout

    def run(self, kv: Namespace) -> Any:
        return self._function(*self._args)

    async def run_async(self, kv: AsyncNamespace) -> Any:
        result = self._function(*self._args)
        return await asyncio.wait_for(result, self._timeout) if inspect.isawaitable(result) else result


class Pause(Step):
    """Waits. Tests replace the function that sleeps."""

    def __init__(self, seconds: float, sleep: Optional[Callable[[float], Any]] = None):
        self._seconds, self._sleep = seconds, sleep

    def run(self, kv: Namespace) -> None:
        (self._sleep or time.sleep)(self._seconds)

    async def run_async(self, kv: AsyncNamespace) -> None:
        slept = (self._sleep or asyncio.sleep)(self._seconds)
        if inspect.isawaitable(slept):
            await slept


class Result(Step):
    """Waits for what another caller does. The result is ``late`` if it takes too long."""

    def __init__(self, future: "Future[Any]", seconds: Optional[float] = None, late: Any = None):
        self._future, self._seconds, self._late = future, seconds, late

    def run(self, kv: Namespace) -> Any:
        try:
            return self._future.result(self._seconds)
        except FutureTimeout:
            if self._future.done():
                raise
            return self._late

    async def run_async(self, kv: AsyncNamespace) -> Any:
        # Shielded: a caller that is cancelled must not cancel the work of the others.
        waiting = asyncio.shield(asyncio.wrap_future(self._future))
        try:
            return await asyncio.wait_for(waiting, self._seconds)
        except (asyncio.TimeoutError, FutureTimeout):
            if self._future.done():
                raise
            return self._late


class Background(Step):
    """Starts steps that continue after the caller has its result."""

    def __init__(self, steps: Steps[object]):
        self._steps = steps

    def run(self, kv: Namespace) -> None:
        threading.Thread(target=run, args=(kv, self._steps), name="kvasir-recipe", daemon=True).start()

    async def run_async(self, kv: AsyncNamespace) -> None:
        task = asyncio.ensure_future(run_async(kv, self._steps))
        _background.add(task)
        task.add_done_callback(_background.discard)


#: The event loop itself holds tasks only weakly.
_background: "Set[asyncio.Future[Any]]" = set()


def run(kv: Namespace, steps: Steps[T]) -> T:
    """Takes the steps in this thread."""
    try:
        step = next(steps)
        while True:
            try:
                result = step.run(kv)
            except BaseException as error:
                step = steps.throw(error)
            else:
                step = steps.send(result)
    except StopIteration as end:
        returned: T = end.value
        return returned


async def run_async(kv: AsyncNamespace, steps: Steps[T]) -> T:
    """Awaits the steps. A cancellation reaches the recipe as an exception, so that it can clean up."""
    try:
        step = next(steps)
        while True:
            try:
                result = await step.run_async(kv)
            except BaseException as error:
                step = steps.throw(error)
            else:
                step = steps.send(result)
    except StopIteration as end:
        returned: T = end.value
        return returned
