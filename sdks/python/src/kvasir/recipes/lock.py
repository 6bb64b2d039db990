"""Locks by name, across processes and languages."""

from __future__ import annotations

import asyncio
import random
import threading
import uuid
from contextlib import asynccontextmanager, contextmanager
from typing import Any, AsyncIterator, Callable, Generic, Iterator, Optional, Tuple, TypeVar

from ..aio import AsyncNamespace
from ..namespace import Namespace
from .clock import Clock, SteadyClock
from .errors import LockTimeoutError, is_in_doubt
from .lease import LeaseState
from .limits import LOCK_PAUSE_MS, LOCK_PAUSE_MS_MAX, LOCK_SECONDS_MAX
from .lock_entries import Holder, LockEntries, Term
from .options import nonempty_text, number_between, whole_number
from .steps import Pause, Steps, run, run_async

Kv = TypeVar("Kv", Namespace, AsyncNamespace)
#: What taking a lock gives: its entries, the term and the fencing token.
Taken = Tuple[LockEntries, Term, int]


class Lease(LeaseState):
    """A lock that is held. ``with`` releases it."""

    _kv: Namespace

    def renew(self) -> None:
        """Restarts the lease's time.

        :raises LockLostError: if another owner has the lock
        """
        run(self._kv, self._renew())

    def release(self) -> bool:
        """Releases the lock. Further calls do nothing.

        :returns: whether this owner still held it
        """
        return run(self._kv, self._release())

    def __enter__(self) -> "Lease":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class AsyncLease(LeaseState):
    """:class:`Lease` with methods to ``await``. ``async with`` releases it."""

    _kv: AsyncNamespace
    _renewal: "Optional[asyncio.Future[None]]" = None

    async def renew(self) -> None:
        await run_async(self._kv, self._renew())

    async def release(self) -> bool:
        if self._renewal is not None:
            self._renewal.cancel()
        return await run_async(self._kv, self._release())

    async def __aenter__(self) -> "AsyncLease":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.release()


class _Locks(Generic[Kv]):
    def __init__(
        self,
        kv: Kv,
        *,
        ttl_seconds: int = 30,
        prefix: str = "lock:",
        clock: Optional[Clock] = None,
        sleep: Optional[Callable[[float], Any]] = None,
    ):
        """
        :param ttl_seconds: duration of a lease that is not renewed, at most a day
        :param prefix: the start of all keys
        :param clock: returns seconds since the epoch
        :raises InvalidError: "option_invalid"
        """
        self._kv: Kv = kv
        self._ttl_seconds = _ttl(ttl_seconds)
        self._prefix = prefix
        self._now_ms = SteadyClock(clock).now_ms
        self._sleep = sleep

    def _attempt(self, name: str, ttl_seconds: Optional[int], wait_seconds: float) -> Steps[Optional[Taken]]:
        entries = LockEntries(self._prefix, nonempty_text("name", name))
        ttl = self._ttl_seconds if ttl_seconds is None else _ttl(ttl_seconds)
        owner = str(uuid.uuid4())
        end_ms = self._now_ms() + wait_seconds * 1000
        # Most locks are free, so the first attempt does not read first.
        holder: Optional[Holder] = None
        looks = 0
        while True:
            now = self._now_ms()
            if holder is None or holder.until_ms <= now:
                term = Term(owner, now + ttl * 1000, ttl)
                token = yield from _take(entries, term, holder)
                if token is not None:
                    return entries, term, token
            holder = yield from entries.read()
            free_ms = 0 if holder is None else max(0, holder.until_ms - self._now_ms())
            left_ms = end_ms - self._now_ms()
            # Just released or expired: a caller that does not wait gets one attempt too.
            if free_ms == 0 and (left_ms > 0 or looks == 0):
                looks += 1
                continue
            if left_ms <= 0:
                return None
            pause_ms = min(LOCK_PAUSE_MS_MAX, LOCK_PAUSE_MS * 2**looks) * random.uniform(0.5, 1.5)
            yield Pause(min(pause_ms, left_ms, free_ms) / 1000, self._sleep)
            looks += 1

    def _acquire(self, name: str, ttl_seconds: Optional[int], wait_seconds: float) -> Steps[Taken]:
        number_between("wait_seconds", wait_seconds, 0, LOCK_SECONDS_MAX)
        taken = yield from self._attempt(name, ttl_seconds, wait_seconds)
        if taken is not None:
            return taken
        raise LockTimeoutError(
            "lock_timeout",
            f"The lock {name!r} was held for {wait_seconds:g} s.",
            hint="Wait longer with wait_seconds, or tell your caller to come again.",
        )


class Locks(_Locks[Namespace]):
    """Locks by name. Of several concurrent callers, in any process and language, only one gets the lock.

    A lock ends when it is released, or when its time is over because its holder died. A holder that was
    suspended for longer than its time does not know that it has lost the lock, so guard the writes that the
    lock protects:

    >>> with Locks(kv).hold("report") as lease:  # doctest: +SKIP
    ...     text = make_report()
    ...     lease.guard(kv.atomic()).put("report", text).commit()
    """

    def acquire(
        self, name: str, *, ttl_seconds: Optional[int] = None, wait_seconds: float = 10.0, renew: bool = False
    ) -> Lease:
        """Waits for the lock and takes it. The order of waiting callers is not guaranteed.

        If a response is lost, or an ``await`` is cancelled, the lock may be held without an owner until its
        time is over.

        :param renew: renews the lease in a thread until it is released
        :raises LockTimeoutError: if it stayed held
        """
        return self._lease(name, run(self._kv, self._acquire(name, ttl_seconds, wait_seconds)), renew)

    def try_acquire(
        self, name: str, *, ttl_seconds: Optional[int] = None, renew: bool = False
    ) -> Optional[Lease]:
        """Takes the lock if it is free. Returns ``None`` if it is held."""
        taken = run(self._kv, self._attempt(name, ttl_seconds, 0))
        return None if taken is None else self._lease(name, taken, renew)

    @contextmanager
    def hold(
        self, name: str, *, ttl_seconds: Optional[int] = None, wait_seconds: float = 10.0
    ) -> Iterator[Lease]:
        """Holds the lock during a ``with`` block and renews it meanwhile.

        :raises LockTimeoutError: if it stayed held
        :raises LockLostError: at the end of the block, if the lock was not held all the time
        """
        lease = self.acquire(name, ttl_seconds=ttl_seconds, wait_seconds=wait_seconds, renew=True)
        try:
            yield lease
        except BaseException:
            run(self._kv, lease._close(work_failed=True))
            raise
        run(self._kv, lease._close(work_failed=False))

    def _lease(self, name: str, taken: Taken, renew: bool) -> Lease:
        lease = Lease(name, *taken, self._now_ms, renew)
        lease._kv = self._kv
        if renew:
            # The thread sleeps on the event, so that a release ends it at once.
            keep = lease._keep(lease._released.wait)
            threading.Thread(target=run, args=(self._kv, keep), name="kvasir-lock", daemon=True).start()
        return lease


class AsyncLocks(_Locks[AsyncNamespace]):
    """:class:`Locks` with methods to ``await``, and ``async with locks.hold("report")``."""

    async def acquire(
        self, name: str, *, ttl_seconds: Optional[int] = None, wait_seconds: float = 10.0, renew: bool = False
    ) -> AsyncLease:
        return self._lease(
            name, await run_async(self._kv, self._acquire(name, ttl_seconds, wait_seconds)), renew
        )

    async def try_acquire(
        self, name: str, *, ttl_seconds: Optional[int] = None, renew: bool = False
    ) -> Optional[AsyncLease]:
        taken = await run_async(self._kv, self._attempt(name, ttl_seconds, 0))
        return None if taken is None else self._lease(name, taken, renew)

    @asynccontextmanager
    async def hold(
        self, name: str, *, ttl_seconds: Optional[int] = None, wait_seconds: float = 10.0
    ) -> AsyncIterator[AsyncLease]:
        lease = await self.acquire(name, ttl_seconds=ttl_seconds, wait_seconds=wait_seconds, renew=True)
        work_failed = True
        try:
            yield lease
            work_failed = False
        finally:
            if lease._renewal is not None:
                lease._renewal.cancel()
            await run_async(self._kv, lease._close(work_failed))

    def _lease(self, name: str, taken: Taken, renew: bool) -> AsyncLease:
        lease = AsyncLease(name, *taken, self._now_ms, renew)
        lease._kv = self._kv
        if renew:
            lease._renewal = asyncio.ensure_future(run_async(self._kv, lease._keep(asyncio.sleep)))
        return lease


def _take(entries: LockEntries, term: Term, seen: Optional[Holder]) -> Steps[Optional[int]]:
    """Returns the fencing token, or ``None`` if another caller was faster."""
    try:
        return (yield from entries.take(term, seen))
    except Exception as error:
        if not is_in_doubt(error):
            raise
        # The request may have been executed and its response lost. The stored owner shows it.
        try:
            holder = yield from entries.read()
        except Exception:
            raise error from None
        if holder is not None and holder.owner == term.owner:
            return holder.fencing_token
        raise


def _ttl(value: object) -> int:
    return whole_number("ttl_seconds", value, 1, LOCK_SECONDS_MAX)
