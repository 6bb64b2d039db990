"""A cache in front of slow work."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Generic, List, Optional, Sequence, TypeVar, Union

from ..aio import AsyncNamespace
from ..errors import UnavailableError
from ..namespace import Namespace
from .cache_entries import CacheEntries
from .cache_entry import CacheKeys, Content
from .clock import Clock, RecoveringClock
from .errors import is_trouble, option_invalid
from .keys import json_text
from .limits import CACHE_SECONDS_MAX, LEASE_SECONDS_MAX, TAGS_MAX
from .options import nonempty_text, number_between, one_of
from .single_flight import OnError, SingleFlight, Wanted
from .steps import Call, Steps, run, run_async

Kv = TypeVar("Kv", Namespace, AsyncNamespace)
AsyncCompute = Callable[[], Union[Awaitable[Any], Any]]


@dataclass(frozen=True)
class CachedValue:
    """A value and its origin."""

    value: Any
    #: "hit": found fresh; "stale": found, and replaced in the background; "miss": computed for this call.
    status: str
    #: "default": the store was unavailable, and the value was computed for this call. Otherwise "store".
    source: str = "store"


class _Cache(Generic[Kv]):
    _stops_computations = False

    def __init__(
        self,
        kv: Kv,
        *,
        ttl_seconds: float = 60,
        stale_seconds: float = 0,
        negative_ttl_seconds: float = 0,
        failure_ttl_seconds: float = 0,
        tags: Sequence[str] = (),
        lease_seconds: float = 30,
        early_refresh: float = 0,
        on_store_error: str = "open",
        on_error: Optional[OnError] = None,
        prefix: str = "cache:",
        clock: Optional[Clock] = None,
        sleep: Optional[Callable[[float], Any]] = None,
    ):
        """
        :param ttl_seconds: how long an entry is fresh, at most a year
        :param stale_seconds: how much longer it is served while a new one is computed in the background
        :param negative_ttl_seconds: how long ``None`` is cached; 0 means not at all
        :param failure_ttl_seconds: how long a failed computation is cached. Meanwhile callers get its message
        :param tags: labels of all entries, for :meth:`invalidate_tag`. An entry with tags is cached for at
            most 30 days
        :param lease_seconds: how long a caller that computes keeps others from computing the same. Choose it
            longer than any computation takes. An ``async`` computation is cancelled after it
        :param early_refresh: replaces entries at random before they are stale; 1 is usual, more means
            earlier, 0 never
        :param on_store_error: while the store is unavailable, "open" computes for every caller, "throw"
            raises
        :param on_error: receives errors that no caller gets: a failed refresh, a value that could not be
            stored
        :param prefix: the start of all keys
        :param clock: returns seconds since the epoch
        :raises InvalidError: "option_invalid"
        """
        self._kv: Kv = kv
        self._fresh_ms = _milliseconds("ttl_seconds", ttl_seconds)
        self._stale_ms = _milliseconds("stale_seconds", stale_seconds)
        self._negative_ms = _milliseconds("negative_ttl_seconds", negative_ttl_seconds)
        self._failure_ms = _milliseconds("failure_ttl_seconds", failure_ttl_seconds)
        self._tags = _all_tags(tags)
        self._lease_seconds = number_between("lease_seconds", lease_seconds, 1, LEASE_SECONDS_MAX)
        self._open = one_of("on_store_error", on_store_error, ("open", "throw")) == "open"
        self._now_ms = RecoveringClock(clock).now_ms
        self._entries = CacheEntries(CacheKeys(prefix))
        self._flight = SingleFlight(
            self._entries,
            lease_ms=round(lease_seconds * 1000),
            early_refresh=number_between("early_refresh", early_refresh, 0, 1000),
            now_ms=self._now_ms,
            sleep=sleep,
            on_error=on_error or (lambda error, key: None),
        )

    def _get_or_set(
        self,
        key: str,
        compute: Callable[[], Any],
        ttl_seconds: Optional[float],
        stale_seconds: Optional[float],
        tags: Sequence[str],
    ) -> Steps[CachedValue]:
        nonempty_text("key", key)
        fresh_ms = self._fresh_ms if ttl_seconds is None else _milliseconds("ttl_seconds", ttl_seconds)
        stale_ms = self._stale_ms if stale_seconds is None else _milliseconds("stale_seconds", stale_seconds)
        begun = False

        def text() -> Steps[str]:
            nonlocal begun
            begun = True
            timeout = self._lease_seconds if self._stops_computations else None
            return json_text((yield Call(compute, timeout=timeout)), f"The value of {key!r}")

        def content() -> Steps[Content]:
            payload = yield from text()
            return (
                Content(payload, self._negative_ms)
                if payload == "null"
                else Content(payload, fresh_ms, stale_ms)
            )

        wanted = Wanted(key, _all_tags([*self._tags, *tags]), content, self._failure_ms)
        try:
            obtained = yield from self._flight.obtain(wanted)
        except Exception as error:
            if begun or not self._open or not is_trouble(error):
                raise
            return CachedValue(json.loads((yield from text())), "miss", "default")
        entry = obtained.entry
        if entry is not None and entry.failed:
            left_seconds = max(1, math.ceil((entry.fresh_until_ms - self._now_ms()) / 1000))
            raise UnavailableError(
                "unavailable",
                f"The computation of {key!r} has failed: {entry.payload}",
                hint=f"It is tried again in {left_seconds} s.",
            )
        return CachedValue(json.loads(obtained.payload), obtained.status)

    def _delete(self, key: str) -> Steps[None]:
        try:
            yield from self._entries.delete(nonempty_text("key", key))
        finally:
            self._flight.forget(key)

    def _invalidate(self, tags: Sequence[str]) -> Steps[None]:
        return self._entries.invalidate(_all_tags(tags), self._now_ms())


class Cache(_Cache[Namespace]):
    """A cache in front of slow work. Create one and keep it: it knows the computations of this process.

    Concurrent calls for one key compute it once, in all processes and languages together. A deleted value
    does not come back from a computation that began before.

    >>> pages = Cache(kv, ttl_seconds=300, stale_seconds=60)  # doctest: +SKIP
    >>> pages.get_or_set(f"product:{id}", lambda: load_product(id), tags=["products"])  # doctest: +SKIP
    """

    def get_or_set(
        self,
        key: str,
        compute: Callable[[], Any],
        *,
        ttl_seconds: Optional[float] = None,
        stale_seconds: Optional[float] = None,
        tags: Sequence[str] = (),
    ) -> Any:
        """Returns the cached value, or computes and caches it. Values pass through JSON in both cases.

        If ``compute`` fails, its caller gets the error, and one of the waiting callers tries again. One
        request for a hit, three or four for a miss.

        :raises InvalidError: "option_invalid"; "value_invalid" for a value that JSON cannot represent
        """
        return self.get_or_set_with_status(
            key, compute, ttl_seconds=ttl_seconds, stale_seconds=stale_seconds, tags=tags
        ).value

    def get_or_set_with_status(
        self,
        key: str,
        compute: Callable[[], Any],
        *,
        ttl_seconds: Optional[float] = None,
        stale_seconds: Optional[float] = None,
        tags: Sequence[str] = (),
    ) -> CachedValue:
        """Like :meth:`get_or_set`, but also returns the origin of the value."""
        return run(self._kv, self._get_or_set(key, compute, ttl_seconds, stale_seconds, tags))

    def delete(self, key: str) -> None:
        """Deletes an entry, so that later calls compute it again."""
        run(self._kv, self._delete(key))

    def invalidate_tag(self, *tags: str) -> None:
        """Invalidates all entries with one of the tags, regardless of their number. One request."""
        run(self._kv, self._invalidate(tags))


class AsyncCache(_Cache[AsyncNamespace]):
    """:class:`Cache` with methods to ``await``.

    ``compute`` may be ``async``; one that is not blocks the event loop.
    """

    _stops_computations = True

    async def get_or_set(
        self,
        key: str,
        compute: AsyncCompute,
        *,
        ttl_seconds: Optional[float] = None,
        stale_seconds: Optional[float] = None,
        tags: Sequence[str] = (),
    ) -> Any:
        found = await self.get_or_set_with_status(
            key, compute, ttl_seconds=ttl_seconds, stale_seconds=stale_seconds, tags=tags
        )
        return found.value

    async def get_or_set_with_status(
        self,
        key: str,
        compute: AsyncCompute,
        *,
        ttl_seconds: Optional[float] = None,
        stale_seconds: Optional[float] = None,
        tags: Sequence[str] = (),
    ) -> CachedValue:
        return await run_async(self._kv, self._get_or_set(key, compute, ttl_seconds, stale_seconds, tags))

    async def delete(self, key: str) -> None:
        await run_async(self._kv, self._delete(key))

    async def invalidate_tag(self, *tags: str) -> None:
        await run_async(self._kv, self._invalidate(tags))


def _milliseconds(name: str, seconds: float) -> int:
    # An entry that is fresh for no time is an error.
    return round(
        number_between(name, seconds, 0.001 if name == "ttl_seconds" else 0, CACHE_SECONDS_MAX) * 1000
    )


def _all_tags(tags: Sequence[str]) -> List[str]:
    if isinstance(tags, str):
        raise option_invalid("tags", tags, 'a list such as ["product:1"]')
    each = list(dict.fromkeys(nonempty_text("tag", tag) for tag in tags))
    for tag in each:
        # The TypeScript cache marks the tags of responses like this.
        if tag.startswith("\0"):
            raise option_invalid("tags", tag, "tags that do not begin with a NUL character")
    if len(each) > TAGS_MAX:
        raise option_invalid("tags", f"{len(each)} tags", f"at most {TAGS_MAX}")
    return each
