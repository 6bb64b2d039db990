"""Errors of the recipes. They are KvErrors with the codes of the TypeScript recipes."""

from __future__ import annotations

import re
from typing import Optional

from ..errors import InvalidError, KvError, UnavailableError

#: Codes of a store in trouble. All others concern the request or its permissions.
_TROUBLE = re.compile(r"unavailable|outcome_unknown|rate_limited|internal|storage_\w+")


class ContendedError(KvError):
    """Too many concurrent changes of the same entry. Nothing was changed. Code: "contended"."""


class LockTimeoutError(KvError, TimeoutError):
    """The lock stayed held for as long as the caller was willing to wait. Code: "lock_timeout"."""


class LockLostError(KvError):
    """The lock is no longer held. Code: "lock_lost"."""


def option_invalid(name: str, value: object, expected: str) -> InvalidError:
    """Creates the error for an argument that a recipe cannot use."""
    shown = value if isinstance(value, (str, int, float, type(None))) else type(value).__name__
    return InvalidError("option_invalid", f"Invalid {name} of {shown!r}.", hint=f"Pass {expected}.")


def contended(subject: str, reason: Optional[str] = None) -> ContendedError:
    return ContendedError(
        "contended",
        reason or f"Others changed {subject} at every attempt.",
        hint="Try again later, or spread the writes over more keys.",
    )


def is_trouble(error: BaseException) -> bool:
    """Whether an error means that the store is in trouble."""
    return isinstance(error, KvError) and _TROUBLE.fullmatch(error.code) is not None


def is_in_doubt(error: BaseException) -> bool:
    """Whether a write that failed with this error may have been made all the same."""
    return isinstance(error, UnavailableError) or (
        isinstance(error, KvError) and error.code == "outcome_unknown"
    )
