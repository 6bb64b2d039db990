"""Looks up a value and computes it once if it is missing, for any number of concurrent callers.

Within a process callers wait for the first one. Between processes a lease in the store decides which process
computes. The others poll until the entry exists, or until the lease expires because its owner died or hangs.
A result is stored only while the lease still belongs to its owner. So neither a late result nor one from
before a delete overwrites anything.
"""

from __future__ import annotations

import math
import random
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Optional, Sequence, Union

from .cache_entries import CacheEntries, Found, HeldLease, entry_of
from .cache_entry import CacheEntry, Content, Lease, TagVersions
from .errors import is_trouble
from .limits import FAILURES_SHARED_MAX, LEASES_WAITED_MAX, POLL_MS, POLL_MS_MAX
from .steps import Background, Pause, Result, Steps

OnError = Callable[[Exception, str], object]


@dataclass(frozen=True)
class Wanted:
    """What a caller asks for, and how to compute it."""

    key: str
    tags: Sequence[str]
    compute: Callable[[], Steps[Content]]
    #: How long a failure is cached.
    failure_ms: int


@dataclass(frozen=True)
class Obtained:
    #: "hit", "stale" or "miss"
    status: str
    payload: str
    #: The entry that was found, for a cached failure. ``None`` for a value that was computed now.
    entry: Optional[CacheEntry]


@dataclass(frozen=True)
class Landed:
    """The result of a computation in flight."""

    content: Union[Content, CacheEntry]


@dataclass(eq=False)
class Flight:
    tags: TagVersions
    #: Callers do not wait beyond this time, because the computation may hang.
    until_ms: int
    #: The result is ``None`` if another process took the lease first.
    result: "Future[Optional[Landed]]" = field(default_factory=Future)
    #: A moment before which no invalidation can have been missed. ``None`` until the computation begins.
    begun_at: Optional[int] = None
    #: The owner of its lease.
    owner: Optional[str] = None


class SingleFlight:
    def __init__(
        self,
        entries: CacheEntries,
        *,
        lease_ms: int,
        early_refresh: float,
        now_ms: Callable[[], int],
        sleep: Optional[Callable[[float], Any]],
        on_error: OnError,
    ):
        self._entries = entries
        self._lease_ms = lease_ms
        self._early_refresh = early_refresh
        self._now_ms = now_ms
        self._sleep = sleep
        self._on_error = on_error
        self._lock = threading.Lock()
        self._flights: Dict[str, Flight] = {}
        self._moments = 0

    def obtain(self, wanted: Wanted) -> Steps[Obtained]:
        gives_up_at_ms = self._now_ms() + LEASES_WAITED_MAX * self._lease_ms
        failures = pauses = 0
        while True:
            looked_at = self._moment()
            found = yield from self._entries.find(wanted.key, wanted.tags, self._now_ms())
            if found.entry is not None:
                if self._is_due(found.entry):
                    yield from self._refresh(wanted, found)
                is_fresh = self._now_ms() < found.entry.fresh_until_ms
                return Obtained("hit" if is_fresh else "stale", found.entry.payload, found.entry)
            shared, own = self._join_or_lead(wanted.key, looked_at, found)
            landed: Optional[Landed] = None
            if shared is not None:
                try:
                    # Late: the computation outlives its lease, so that another one can replace it.
                    landed = yield Result(shared.result, max(0, shared.until_ms - self._now_ms()) / 1000)
                except Exception:
                    failures += 1
                    if failures >= FAILURES_SHARED_MAX:
                        raise
                    continue
            elif own is not None:
                landed = yield from self._lead(own, wanted, found, wanted.failure_ms)
            if landed is not None:
                entry = landed.content if isinstance(landed.content, CacheEntry) else None
                return Obtained("miss", landed.content.payload, entry)
            if self._now_ms() >= gives_up_at_ms:
                # Computing twice is better than waiting forever.
                return Obtained("miss", (yield from wanted.compute()).payload, None)
            yield Pause(min(POLL_MS_MAX, POLL_MS * 2**pauses) * random.uniform(0.5, 1.5) / 1000, self._sleep)
            pauses += 1

    def forget(self, key: str) -> None:
        """Prevents further callers from joining a computation."""
        with self._lock:
            self._flights.pop(key, None)

    def _join_or_lead(
        self, key: str, looked_at: int, found: Found
    ) -> "tuple[Optional[Flight], Optional[Flight]]":
        """Returns a flight to wait for, or a new one to lead, or neither if another process computes."""
        now = self._now_ms()
        with self._lock:
            flight = self._flights.get(key)
            if flight is not None and now < flight.until_ms:
                # A caller may wait only for a result that cannot be older than an invalidation which had
                # ended before.
                begins_later = flight.begun_at is None or looked_at < flight.begun_at
                owner = None if found.lease is None else found.lease.owner
                same_tags = all(flight.tags.get(tag) == version for tag, version in found.tags.items())
                if begins_later or (owner == flight.owner and same_tags):
                    return flight, None
            return None, self._add(key, found, now) if self._is_free(found.lease) else None

    def _add(self, key: str, found: Found, now: int) -> Flight:
        flight = self._flights[key] = Flight(found.tags, now + self._lease_ms)
        return flight

    def _refresh(self, wanted: Wanted, found: Found) -> Steps[None]:
        """Replaces a stale entry in the background, unless another caller is doing that."""
        now = self._now_ms()
        with self._lock:
            flight = self._flights.get(wanted.key)
            if (flight is not None and now < flight.until_ms) or not self._is_free(found.lease):
                return
            own = self._add(wanted.key, found, now)

        def replace() -> Steps[None]:
            try:
                # Failures are not stored, because the stale entry is better.
                yield from self._lead(own, wanted, found, 0)
            except Exception as error:
                self._on_error(error, wanted.key)

        yield Background(replace())

    def _lead(self, flight: Flight, wanted: Wanted, found: Found, failure_ms: int) -> Steps[Optional[Landed]]:
        landed: Optional[Landed] = None
        try:
            landed = yield from self._compute(flight, wanted, found, failure_ms)
        except Exception as error:
            flight.result.set_exception(error)
            # Nobody may be waiting for it, and this caller gets it anyway.
            raise
        finally:
            if not flight.result.done():
                flight.result.set_result(landed)
            with self._lock:
                if self._flights.get(wanted.key) is flight:
                    del self._flights[wanted.key]
        return landed

    def _compute(
        self, flight: Flight, wanted: Wanted, seen: Found, failure_ms: int
    ) -> Steps[Optional[Landed]]:
        key = wanted.key
        lease = yield from self._entries.take_lease(key, seen, now_ms=self._now_ms(), lease_ms=self._lease_ms)
        if lease is None:
            return None
        flight.owner = lease.owner
        # The computation reads its data from here on. Callers that join later must know of all invalidations
        # since.
        flight.begun_at = self._moment()
        began_ms = self._now_ms()
        found = seen
        try:
            if not seen.absent:
                found = yield from self._entries.find(key, wanted.tags, began_ms)
            before = None if seen.entry is None else seen.entry.stored_at_ms
            if found.entry is not None and found.entry.stored_at_ms != before:
                yield from self._entries.store(key, lease, None, began_ms)
                return Landed(found.entry)
            content = yield from wanted.compute()
        except GeneratorExit:
            raise
        except BaseException as error:
            is_failure = isinstance(error, Exception)
            failure = Content(str(error), failure_ms if is_failure else 0, failed=True)
            yield from self._store(key, lease, failure, found.tags, began_ms)
            raise
        yield from self._store(key, lease, content, found.tags, began_ms)
        return Landed(content)

    def _store(
        self, key: str, lease: HeldLease, content: Content, tags: TagVersions, began_ms: int
    ) -> Steps[None]:
        """Always releases the lease. If storing fails, callers still get the value."""
        now = self._now_ms()
        entry = entry_of(content, now_ms=now, took_ms=now - began_ms, tags=tags)
        try:
            yield from self._entries.store(key, lease, entry, now)
        except Exception as error:
            self._on_error(error, key)
            # Callers that already have the value must not wait for an unavailable store.
            if is_trouble(error):
                return
            try:
                yield from self._entries.store(key, lease, None, now)
            except Exception as failure:
                self._on_error(failure, key)

    def _is_due(self, entry: CacheEntry) -> bool:
        """Whether to compute a new value: the entry is stale, or a random choice says so.

        The probability rises towards the end of freshness and with the computation time ("Optimal
        Probabilistic Cache Stampede Prevention", Vattani et al., 2015).
        """
        if entry.failed:
            return False
        early_ms = (
            -math.log(1 - random.random()) * entry.took_ms * self._early_refresh if self._early_refresh else 0
        )
        return self._now_ms() + early_ms >= entry.fresh_until_ms

    def _is_free(self, lease: Optional[Lease]) -> bool:
        return lease is None or self._now_ms() >= lease.until_ms

    def _moment(self) -> int:
        """The next moment of a logical clock of this process."""
        with self._lock:
            self._moments += 1
            return self._moments
