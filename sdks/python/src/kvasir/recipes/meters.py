"""Algorithms of a limiter whose state is one small JSON value for each key. They have no side effects."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, List, Optional, Tuple

from .limits import SLIDING_PARTS

#: The largest rounding error of a bucket's used tokens.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Verdict:
    """An algorithm's result of one check."""

    allowed: bool
    #: The most that can be used.
    limit: int
    #: How much can still be used now.
    remaining: int
    #: Seconds until the whole limit is available again if nothing more is used.
    reset_seconds: int
    #: Seconds after which the same check may be allowed. 0 if it was allowed.
    retry_after_seconds: int


class Meter:
    """Takes from a state, which is JSON. ``None`` is the state of a key that was never checked."""

    def is_state(self, json: Any) -> bool:
        raise NotImplementedError

    def take(self, state: Any, cost: int, now_ms: int) -> Tuple[Any, Verdict]:
        """Returns the new state, for the case that the check was allowed."""
        raise NotImplementedError


class SlidingWindow(Meter):
    """At any time, at most the limit is used within the last window.

    Usage is counted in sixtieths of the window, and counts until its whole sixtieth has left the window.
    """

    def __init__(self, limit: int, window_seconds: int):
        self._limit = limit
        self._window_ms = window_seconds * 1000
        self._part_ms = self._window_ms / SLIDING_PARTS

    def is_state(self, json: Any) -> bool:
        return isinstance(json, list) and all(
            isinstance(part, list) and len(part) == 2 and all(_is_number(number) for number in part)
            for part in json
        )

    def take(self, state: Any, cost: int, now_ms: int) -> Tuple[Any, Verdict]:
        counting: List[List[int]] = [part for part in state or [] if self._free_ms(part) > now_ms]
        used = sum(part[1] for part in counting)
        allowed = used + cost <= self._limit
        parts = (
            _added(counting, math.floor(now_ms / self._part_ms), cost) if allowed and cost > 0 else counting
        )
        freed_ms = 0.0 if allowed else self._freed_ms(counting, used + cost - self._limit, now_ms)
        return parts, Verdict(
            allowed=allowed,
            limit=self._limit,
            remaining=max(0, self._limit - (used + cost if allowed else used)),
            reset_seconds=seconds_of(self._free_ms(parts[-1]) - now_ms) if parts else 0,
            retry_after_seconds=0 if allowed else max(1, seconds_of(freed_ms - now_ms)),
        )

    def _free_ms(self, part: List[int]) -> float:
        """When a part stops counting: its last moment is then one window ago."""
        return (part[0] + 1) * self._part_ms + self._window_ms

    def _freed_ms(self, parts: List[List[int]], needed: int, now_ms: int) -> float:
        """When enough of the oldest parts to free ``needed`` stop counting."""
        freed = 0
        for part in parts:
            freed += part[1]
            if freed >= needed:
                return self._free_ms(part)
        return now_ms + self._window_ms


class TokenBucket(Meter):
    """A bucket of ``limit`` tokens that refills evenly: an empty one is full after the window."""

    def __init__(self, limit: int, window_seconds: int):
        self._limit = limit
        self._ms_per_token = window_seconds * 1000 / limit

    def is_state(self, json: Any) -> bool:
        return isinstance(json, dict) and _is_number(json.get("used")) and _is_number(json.get("atMs"))

    def take(self, state: Any, cost: int, now_ms: int) -> Tuple[Any, Verdict]:
        bucket = state or {"used": 0, "atMs": 0}
        # Another process's clock may be ahead. Nothing refills until this clock reaches that time.
        elapsed_ms = max(0, now_ms - bucket["atMs"])
        used = max(0, bucket["used"] - elapsed_ms / self._ms_per_token)
        over = used + cost - self._limit
        allowed = over <= _ROUNDING
        used_now = used + cost if allowed else used
        return {"used": used_now, "atMs": max(now_ms, bucket["atMs"])}, Verdict(
            allowed=allowed,
            limit=self._limit,
            remaining=max(0, math.floor(self._limit - used_now + _ROUNDING)),
            reset_seconds=seconds_of(used_now * self._ms_per_token),
            retry_after_seconds=0 if allowed else max(1, seconds_of(over * self._ms_per_token)),
        )


def seconds_of(ms: float) -> int:
    """Rounds up to whole seconds, so that a client which waits that long has waited long enough."""
    return max(0, math.ceil(ms / 1000))


def _added(parts: List[List[int]], number: int, cost: int) -> List[List[int]]:
    """Keeps the parts in order: a process whose clock is behind counts into the newest part of the others."""
    if not parts or parts[-1][0] < number:
        return [*parts, [number, cost]]
    newest = parts[-1]
    return [*parts[:-1], [newest[0], newest[1] + cost]]


def _is_number(value: Optional[Any]) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
