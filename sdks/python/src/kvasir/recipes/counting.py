"""How a limiter counts in the store."""

from __future__ import annotations

import json
import threading
from typing import Any, Callable, Dict, List, Optional, Sequence

from ..entry import Entry
from .contention import Batches, Done, until_uncontended
from .keys import json_text, store_ttl, unusable
from .limits import CLOCK_DIFFERENCE_SECONDS
from .meters import Meter, Verdict, seconds_of
from .steps import Request, Steps

_PREFIX_HINT = "Give the limiter a prefix that nothing else uses."
#: Most checks of one key that share one write.
_CHECKS_PER_WRITE_MAX = 1_000


class Counting:
    """A way to count. The key is the complete one."""

    def check(self, key: str, cost: int) -> Steps[Verdict]:
        raise NotImplementedError

    def peek(self, key: str) -> Steps[Verdict]:
        """The result of a check with cost 1, without using anything."""
        raise NotImplementedError

    def reset(self, key: str) -> Steps[None]:
        raise NotImplementedError


class FixedWindow(Counting):
    """Consecutive windows, each with a counter of its own.

    A check is an increment: one request, and exact.
    """

    def __init__(self, limit: int, window_seconds: int, now_ms: Callable[[], int]):
        self._limit = limit
        self._window_ms = window_seconds * 1000
        self._ttl = store_ttl(window_seconds + CLOCK_DIFFERENCE_SECONDS)
        self._now_ms = now_ms

    def check(self, key: str, cost: int) -> Steps[Verdict]:
        now = self._now_ms()
        counter = self._counter(key, now)
        used = (yield Request("increment", counter, cost, ttl=self._ttl)) - cost
        verdict = self._verdict(used, cost, now)
        # A rejected check with a high cost must not use up what is left for cheaper ones. Once the window is
        # used up, nothing needs to be given back.
        if not verdict.allowed and used < self._limit:
            yield Request("increment", counter, -cost, ttl=self._ttl)
        return verdict

    def peek(self, key: str) -> Steps[Verdict]:
        now = self._now_ms()
        counter = self._counter(key, now)
        text: Optional[str] = yield Request("get", counter)
        try:
            used = int(text or 0)
        except ValueError:
            message = f"{counter!r} holds something else than a count."
            raise unusable(message, _PREFIX_HINT, "value_not_integer") from None
        checked = self._verdict(used, 1, now)
        return Verdict(
            allowed=checked.allowed,
            limit=self._limit,
            remaining=max(0, self._limit - used),
            reset_seconds=checked.reset_seconds,
            retry_after_seconds=checked.retry_after_seconds,
        )

    def reset(self, key: str) -> Steps[None]:
        yield Request("delete", self._counter(key, self._now_ms()))

    def _counter(self, key: str, now: int) -> str:
        return f"{key}:{now // self._window_ms}"

    def _verdict(self, used: int, cost: int, now: int) -> Verdict:
        """:param used: how much of the window was used before"""
        allowed = used + cost <= self._limit
        seconds = seconds_of(self._window_ms - now % self._window_ms)
        return Verdict(
            allowed=allowed,
            limit=self._limit,
            remaining=max(0, self._limit - (used + cost if allowed else used)),
            reset_seconds=seconds,
            retry_after_seconds=0 if allowed else max(1, seconds),
        )


class MeteredEntry(Counting):
    """One entry for each key. It is read, decided on, and written if it has not changed meanwhile.

    Two requests, or one if all checks were rejected. Checks of one key that arrive meanwhile in this process
    share the next write.
    """

    def __init__(self, meter: Meter, now_ms: Callable[[], int], sleep: Optional[Callable[[float], Any]]):
        self._meter = meter
        self._now_ms = now_ms
        self._sleep = sleep
        self._lock = threading.Lock()
        self._batches: Dict[str, Batches[int, Verdict]] = {}

    def check(self, key: str, cost: int) -> Steps[Verdict]:
        with self._lock:
            batches = self._batches.get(key)
            if batches is None:

                def together(costs: Sequence[int]) -> Steps[Sequence[Verdict]]:
                    return self._check_together(key, costs)

                batches = Batches(together, _CHECKS_PER_WRITE_MAX)
                self._batches[key] = batches
        try:
            return (yield from batches.add(cost))
        finally:
            with self._lock:
                if batches.idle:
                    self._batches.pop(key, None)

    def peek(self, key: str) -> Steps[Verdict]:
        text: Optional[str] = yield Request("get", key)
        state, now = self._state(key, text), self._now_ms()
        verdict = self._meter.take(state, 1, now)[1]
        return self._meter.take(state, 0, now)[1] if verdict.allowed else verdict

    def reset(self, key: str) -> Steps[None]:
        yield Request("delete", key)

    def _check_together(self, key: str, costs: Sequence[int]) -> Steps[Sequence[Verdict]]:
        def attempt() -> Steps[Optional[Done[Sequence[Verdict]]]]:
            entry: Optional[Entry[bytes]] = yield Request("get_entry", key)
            now = self._now_ms()
            state = None if entry is None else self._state(key, entry.value.decode("utf-8", "replace"))
            verdicts: List[Verdict] = []
            reset_seconds = None
            for cost in costs:
                taken, verdict = self._meter.take(state, cost, now)
                if verdict.allowed:
                    state, reset_seconds = taken, verdict.reset_seconds
                verdicts.append(verdict)
            if reset_seconds is None:
                return Done(verdicts)
            written = yield Request(
                "put",
                key,
                json_text(state, "The limiter's state"),
                ttl=store_ttl(reset_seconds + CLOCK_DIFFERENCE_SECONDS),
                if_absent=entry is None,
                if_version=None if entry is None else entry.version,
            )
            return Done(verdicts) if written.ok else None

        return until_uncontended(repr(key), attempt, self._sleep)

    def _state(self, key: str, text: Optional[str]) -> Any:
        if text is None:
            return None
        try:
            state = json.loads(text)
        except ValueError:
            state = None
        if not self._meter.is_state(state):
            raise unusable(f"{key!r} holds something else than a limiter's state.", _PREFIX_HINT)
        return state
