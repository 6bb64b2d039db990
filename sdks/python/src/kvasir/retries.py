"""Which requests are repeated, and when."""

from __future__ import annotations

import random
import socket
from typing import Optional

from .errors import KvError
from .limits import RETRY_DELAY_SECONDS, RETRY_DELAY_SECONDS_MAX


def is_repeatable(error: KvError, *, safe: bool) -> bool:
    """
    Two codes say that nothing was done. After "unavailable" that is only known of a read. "outcome_unknown" is never
    repeated. A request that timed out is not repeated either, because the caller would wait for a multiple of the
    timeout.

    :param safe: the request changes nothing
    """
    if isinstance(error.__cause__, socket.timeout):
        return False
    return error.code in ("rate_limited", "request_timeout") or (safe and error.code == "unavailable")


def delay_seconds(number: int, error: KvError) -> float:
    """:param number: of the repetitions before"""
    # Random, because clients that failed together would otherwise come back together.
    own = RETRY_DELAY_SECONDS * 2.0**number * random.uniform(0.5, 1.5)
    return min(own if error.retry_after is None else error.retry_after, RETRY_DELAY_SECONDS_MAX)


def retry_after_seconds(header: Optional[str]) -> Optional[float]:
    """The wait that a Retry-After header asks for. A date, which Kvasir never sends, counts as none."""
    return float(header) if header is not None and header.isdecimal() else None
