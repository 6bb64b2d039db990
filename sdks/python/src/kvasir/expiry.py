"""Values with their own expiry, in the form that the helpers of all languages share."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Union

from .arguments import json_text
from .limits import EXPIRY_MS_MIN, EXPIRY_TTL_SECONDS_MIN

Lifetime = Union[float, timedelta]


@dataclass(frozen=True)
class Found:
    value: Any
    expired: bool


def text_of(value: Any, lifetime: Lifetime) -> str:
    """Returns the stored form of a value."""
    return json_text({"value": value, "expires_at": int(_now_ms() + _seconds(lifetime) * 1000)})


def store_ttl(lifetime: Lifetime) -> int:
    """The TTL in the store, so that entries which are never read again do not stay forever."""
    return max(EXPIRY_TTL_SECONDS_MIN, math.ceil(_seconds(lifetime)))


def read(text: str) -> Found:
    """Reads a stored text. Only a text that clearly has this form can be expired."""
    try:
        stored = json.loads(text)
    except ValueError:
        return Found(text, False)
    if not isinstance(stored, dict) or stored.keys() != {"value", "expires_at"}:
        return Found(text, False)
    expires_at = stored["expires_at"]
    is_time = isinstance(expires_at, (int, float)) and not isinstance(expires_at, bool)
    # Smaller numbers are seconds, written by some other program.
    return Found(stored["value"], is_time and EXPIRY_MS_MIN <= expires_at < _now_ms())


def _seconds(lifetime: Lifetime) -> float:
    if isinstance(lifetime, timedelta):
        return lifetime.total_seconds()
    if isinstance(lifetime, (int, float)) and not isinstance(lifetime, bool) and math.isfinite(lifetime):
        return lifetime
    raise TypeError(f"ttl_seconds is a number of seconds, or a timedelta, not {lifetime!r}")


def _now_ms() -> float:
    return time.time() * 1000
