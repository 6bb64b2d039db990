"""Errors of all operations."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple, Type


class KvError(Exception):
    """An operation failed. ``code`` is the reason.

    Codes come from the server and are stable ("key_too_long", "value_too_large", "namespace_not_found",
    "unauthorized", ...). Messages may change. The subclasses group the codes by what a program does about them.

    >>> try:
    ...     kv.put("x" * 600, "")
    ... except KvError as error:
    ...     print(error.code)
    key_too_long
    """

    def __init__(self, code: str, message: str, *, hint: Optional[str] = None, status: Optional[int] = None):
        super().__init__(message)
        self.code = code
        self.message = message
        #: One sentence about what the caller can do.
        self.hint = hint
        #: The HTTP status. ``None`` if there was no response.
        self.status = status
        #: Seconds after which the server asks to try again. ``None`` if it does not say.
        self.retry_after: Optional[float] = None

    def __str__(self) -> str:
        text = f"{self.message} [{self.code}]"
        return f"{text} {self.hint}" if self.hint else text

    def __reduce__(self) -> Tuple[Any, ...]:
        # The default passes only the message, which does not match __init__.
        return _restored, (type(self), self.code, self.message, self.hint, self.status), self.__dict__.copy()


class InvalidError(KvError, ValueError):
    """The request is invalid, so repeating it does not help: a bad key, value, TTL, option or cursor."""


class NamespaceNotFoundError(KvError):
    """There is no namespace with this id."""


class AuthError(KvError):
    """The token is missing, unknown or has too few rights."""


class UnavailableError(KvError):
    """The server cannot be reached or does not respond in time. A write may or may not have been made."""


class OutcomeUnknownError(KvError):
    """The server lost its own store during a write, which may or may not have been made. Read before you repeat it."""


class RateLimitedError(KvError):
    """There are too many requests. Nothing was done. ``retry_after`` says when to try again."""


class WatchBehindError(KvError):
    """A watch cannot continue: take a new position, list again, and watch since that position."""


class StorageError(KvError):
    """The server's disk is full, read-only or damaged."""


_CLASSES: Dict[str, Type[KvError]] = {
    **dict.fromkeys(
        (
            "bad_request",
            "key_invalid",
            "key_too_long",
            "value_too_large",
            "value_invalid",
            "value_not_json",
            "value_not_integer",
            "metadata_invalid",
            "metadata_too_large",
            "expiration_invalid",
            "cache_ttl_invalid",
            "limit_invalid",
            "cursor_invalid",
            "type_invalid",
            "too_many_keys",
            "response_too_large",
            "title_invalid",
            "payload_too_large",
            "option_invalid",
        ),
        InvalidError,
    ),
    **dict.fromkeys(
        ("storage_full", "storage_read_only", "storage_corrupt", "storage_format", "storage_gone"), StorageError
    ),
    "namespace_not_found": NamespaceNotFoundError,
    "unauthorized": AuthError,
    "forbidden": AuthError,
    "unavailable": UnavailableError,
    "outcome_unknown": OutcomeUnknownError,
    "rate_limited": RateLimitedError,
    "watch_behind": WatchBehindError,
}


def kv_error(code: str, message: str, *, hint: Optional[str] = None, status: Optional[int] = None) -> KvError:
    """Creates an error of the class for a code."""
    return _CLASSES.get(code, KvError)(code, message, hint=hint, status=status)


def _restored(
    kind: Type[KvError], code: str, message: str, hint: Optional[str], status: Optional[int]
) -> KvError:
    return kind(code, message, hint=hint, status=status)
