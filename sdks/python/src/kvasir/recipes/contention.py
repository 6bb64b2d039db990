"""Changes that other callers make at the same time."""

from __future__ import annotations

import random
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Callable, Generic, List, Optional, Sequence, TypeVar

from .errors import contended
from .limits import BATCH_WAITERS_MAX, CHANGE_ATTEMPTS_MAX, CHANGE_PAUSE_MS_MAX
from .steps import Pause, Result, Steps

T = TypeVar("T")
Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class Done(Generic[T]):
    """The result of an attempt that no other change came before."""

    result: T


def until_uncontended(
    subject: str,
    attempt: Callable[[], Steps[Optional[Done[T]]]],
    sleep: Optional[Callable[[float], Any]] = None,
) -> Steps[T]:
    """Repeats an attempt until it is done.

    :raises ContendedError: after too many attempts
    """
    for number in range(1, CHANGE_ATTEMPTS_MAX + 1):
        done = yield from attempt()
        if done is not None:
            return done.result
        # Random, because callers that collided would otherwise collide again.
        yield Pause(random.random() * min(CHANGE_PAUSE_MS_MAX, 2**number) / 1000, sleep)
    raise contended(subject)


@dataclass(eq=False)
class _Waiter(Generic[Item]):
    item: Item
    told: "Future[Any]" = field(default_factory=Future)


class _Lead:
    """Tells a waiter to run the next batch."""


class Batches(Generic[Item, Outcome]):
    """Collects what arrives while a batch is in flight, and runs all of it as the next batch.

    So a process with many callers causes no more contention with other processes than one with a single
    caller.
    """

    def __init__(self, run: Callable[[Sequence[Item]], Steps[Sequence[Outcome]]], size_max: int):
        self._run = run
        self._size_max = size_max
        self._lock = threading.Lock()
        self._waiting: List[_Waiter[Item]] = []
        self._running = False

    @property
    def idle(self) -> bool:
        return not self._running and not self._waiting

    def add(self, item: Item) -> Steps[Outcome]:
        """:raises ContendedError: if too many items wait"""
        waiter = _Waiter(item)
        with self._lock:
            if len(self._waiting) >= BATCH_WAITERS_MAX:
                raise contended("the entry", f"{BATCH_WAITERS_MAX} calls wait for the same entry already.")
            self._waiting.append(waiter)
            leads = not self._running
            self._running = True
        if not leads:
            try:
                told = yield Result(waiter.told)
            except BaseException:
                self._leave(waiter)
                raise
            if not isinstance(told, _Lead):
                outcome: Outcome = told
                return outcome
            waiter.told = Future()
        yield from self._lead(waiter)
        own: Outcome = waiter.told.result()
        return own

    def _lead(self, leader: _Waiter[Item]) -> Steps[None]:
        """Runs the batch of this caller, and passes the lead to the first one that waits then."""
        with self._lock:
            batch, self._waiting = self._waiting[: self._size_max], self._waiting[self._size_max :]
        try:
            outcomes = yield from self._run([waiter.item for waiter in batch])
            for waiter, outcome in zip(batch, outcomes):
                waiter.told.set_result(outcome)
        except Exception as error:
            for waiter in batch:
                waiter.told.set_exception(error)
        except BaseException:
            # Only this caller was interrupted. The others try again.
            with self._lock:
                self._waiting = [waiter for waiter in batch if waiter is not leader] + self._waiting
            raise
        finally:
            with self._lock:
                self._pass_on()

    def _leave(self, waiter: _Waiter[Item]) -> None:
        """Removes a caller that was interrupted while it waited."""
        with self._lock:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
                if waiter.told.done():  # It was told to lead.
                    self._pass_on()

    def _pass_on(self) -> None:
        self._running = bool(self._waiting)
        if self._waiting:
            self._waiting[0].told.set_result(_Lead())
