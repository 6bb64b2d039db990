"""A lock that is held."""

from __future__ import annotations

import threading
from typing import Any, Callable, Optional, TypeVar

from ..aio import AsyncAtomic
from ..atomic import Atomic
from .errors import LockLostError, is_in_doubt
from .limits import OWNER_SECONDS, RENEW_PAUSE_MS_MIN
from .lock_entries import LockEntries, Term
from .steps import Pause, Steps

AnyAtomic = TypeVar("AnyAtomic", Atomic, AsyncAtomic)


class LeaseState:
    """What sync and async leases have in common."""

    def __init__(
        self,
        name: str,
        entries: LockEntries,
        term: Term,
        fencing_token: int,
        now_ms: Callable[[], int],
        renews: bool,
    ):
        self.name = name
        #: The key of the entry whose version is the fencing token.
        self.key = entries.key
        self._entries = entries
        self._term = term
        self._fencing_token = fencing_token
        self._now_ms = now_ms
        self._renews = renews
        self._until_ms = term.until_ms
        #: When the owner's entry was last written.
        self._stamped_ms = term.until_ms - term.ttl_seconds * 1000
        self._lost: Optional[LockLostError] = None
        self._released = threading.Event()
        self._was_held = False

    @property
    def fencing_token(self) -> int:
        """Greater than the token of any earlier owner of any lock in this namespace.

        Pass it to systems that must reject a former owner. It stays the same while the lock is held, except
        that it grows every fifteen days.
        """
        return self._fencing_token

    @property
    def until(self) -> float:
        """When the lease ends unless it is renewed: seconds since the epoch, by this process's clock."""
        return self._until_ms / 1000

    @property
    def lost(self) -> bool:
        """Whether the lock is known to be no longer held. Long work looks at this from time to time."""
        if (
            self._renews
            and self._lost is None
            and not self._released.is_set()
            and self._now_ms() >= self._until_ms
        ):
            self._lose("It ran out before it could be renewed.")
        return self._lost is not None

    def check(self) -> None:
        """:raises LockLostError: if the lock is known to be lost"""
        if self.lost and self._lost is not None:
            raise self._lost

    def guard(self, changes: AnyAtomic) -> AnyAtomic:
        """Makes a commit fail unless this owner still holds the lock. The lock must be in the namespace of
        the data.

        Only this stops an owner that was suspended: a program cannot foresee its suspension.

        >>> lease.guard(kv.atomic()).put("report", text).commit()  # doctest: +SKIP

        :raises LockLostError: if the lock is known to be lost
        """
        self.check()
        return changes.check(self.key, self._fencing_token)

    def _renew(self) -> Steps[None]:
        if self._released.is_set():
            raise lock_lost(self.name, "It was released.")
        self.check()
        now = self._now_ms()
        # Based on the time before the request: the store may execute it before the response arrives.
        until_ms = now + self._term.ttl_seconds * 1000
        restamp = now - self._stamped_ms > OWNER_SECONDS * 1000 / 2
        term = Term(self._term.owner, until_ms, self._term.ttl_seconds)
        token = yield from self._entries.renew(self._fencing_token, term, restamp)
        if token is None:
            raise self._lose("Another owner has taken it.")
        self._fencing_token, self._until_ms = token, until_ms
        if restamp:
            self._stamped_ms = now

    def _keep(self, sleep: Callable[[float], Any]) -> Steps[None]:
        """Renews the lease, each time after a third of the remaining time, until it is released or lost."""
        try:
            while not self._released.is_set() and not self.lost:
                left_ms = self._until_ms - self._now_ms()
                yield Pause(max(RENEW_PAUSE_MS_MIN, left_ms / 3) / 1000, sleep)
                if self._released.is_set():
                    return
                try:
                    yield from self._renew()
                except Exception as error:
                    if not is_in_doubt(error):
                        raise
        except Exception as error:
            if self._lost is None and not self._released.is_set():
                self._lose("It could not be renewed.").__cause__ = error

    def _release(self) -> Steps[bool]:
        if not self._released.is_set():
            self._released.set()
            self._was_held = yield from self._release_once()
        return self._was_held

    def _release_once(self) -> Steps[bool]:
        try:
            return (yield from self._entries.release(self._fencing_token))
        except Exception as error:
            if not is_in_doubt(error):
                raise
        # Only the response may have been lost. Then nothing is left to release, and before the deadline
        # nobody else can have taken the lock. After the deadline the outcome is unknown.
        was_owners = yield from self._entries.release(self._fencing_token)
        return was_owners or self._now_ms() < self._until_ms

    def _close(self, work_failed: bool) -> Steps[None]:
        """Ends the work under the lock.

        :raises LockLostError: if the lock was not held all the time, unless the work has failed already
        """
        try:
            held = yield from self._release()
        except Exception:
            # The error of the work matters more. The lease expires by itself.
            if work_failed:
                return
            raise
        if work_failed:
            return
        if self._lost is not None:
            raise self._lost
        if not held:
            raise lock_lost(self.name, "Another owner had taken it before the work was done.")

    def _lose(self, why: str) -> LockLostError:
        self._lost = lock_lost(self.name, why)
        return self._lost


def lock_lost(name: str, why: str) -> LockLostError:
    return LockLostError(
        "lock_lost",
        f"The lock {name!r} is no longer held. {why}",
        hint="Stop the work and start it again under a new lock. Guard its writes with lease.guard().",
    )
