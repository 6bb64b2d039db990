"""What every operation raises."""

from __future__ import annotations

from typing import Optional


class KvError(Exception):
    """An operation that failed, for a reason that ``code`` names.

    Codes are the server's and do not change ("key_too_long", "value_too_large", "namespace_not_found",
    "unauthorized", ...). "unavailable" also stands for a server that cannot be reached. Messages may change.
    """

    def __init__(self, code: str, message: str, *, hint: Optional[str] = None, status: Optional[int] = None):
        super().__init__(message)
        self.code = code
        self.message = message
        #: What the caller can do about it, as one sentence.
        self.hint = hint
        #: The HTTP status; ``None`` when no answer came.
        self.status = status

    def __str__(self) -> str:
        text = f"{self.message} [{self.code}]"
        return f"{text} {self.hint}" if self.hint else text
