"""The time for windows, leases and lifetimes."""

from __future__ import annotations

import math
import threading
import time
from typing import Callable, Optional

from ..errors import KvError
from .errors import option_invalid
from .limits import CLOCK_STEP_BACK_MS_MAX

#: Returns seconds since the epoch, like time.time.
Clock = Callable[[], float]


class RecoveringClock:
    """Milliseconds since the epoch. If the clock steps back, the time stands still for at most a second.

    After that it continues from the new time: a program must not stop because its clock was wrong before.
    """

    def __init__(self, clock: Optional[Clock]):
        self._clock = clock or time.time
        self._lock = threading.Lock()
        self._latest = -math.inf
        self._stepped_back_to: Optional[int] = None

    def now_ms(self) -> int:
        now = _read(self._clock)
        with self._lock:
            if now < self._latest:
                if self._stepped_back_to is None or now < self._stepped_back_to:
                    self._stepped_back_to = now
                if now - self._stepped_back_to < CLOCK_STEP_BACK_MS_MAX:
                    return int(self._latest)
            self._stepped_back_to = None
            self._latest = now
            return now


class SteadyClock:
    """Milliseconds since the epoch, for locks. They never go back.

    A large step back is an error, because a holder with such a clock cannot tell whether it still holds its
    lock.
    """

    def __init__(self, clock: Optional[Clock]):
        self._clock = clock or time.time
        self._lock = threading.Lock()
        self._latest = -math.inf

    def now_ms(self) -> int:
        """:raises KvError: "clock_backwards" """
        now = _read(self._clock)
        with self._lock:
            if self._latest - now > CLOCK_STEP_BACK_MS_MAX:
                raise KvError(
                    "clock_backwards",
                    f"The clock went back by {self._latest - now:.0f} ms.",
                    hint="Correct this machine's clock. If its new time is right, start the process again.",
                )
            self._latest = max(self._latest, now)
            return int(self._latest)


def _read(clock: Clock) -> int:
    now = clock()
    if isinstance(now, (int, float)) and math.isfinite(now):
        return round(now * 1000)
    raise option_invalid("clock", now, "a function that returns seconds since the epoch, such as time.time")
