"""Results of operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, List, Optional, TypeVar

from .errors import kv_error

T = TypeVar("T")


@dataclass(frozen=True)
class Entry(Generic[T]):
    """A value with its metadata, version and expiration."""

    value: T
    metadata: Any
    #: Grows with each change of the key, also across deletion.
    version: int
    #: When it expires, in seconds since the epoch. ``None`` means never.
    expiration: Optional[int]


@dataclass(frozen=True)
class WriteResult:
    """Whether a write was made. The object itself is true or false.

    A write without a condition is always made, or raises.
    """

    ok: bool
    #: The entry's current version. ``None`` if there is no entry.
    version: Optional[int]

    def __bool__(self) -> bool:
        return self.ok


@dataclass(frozen=True)
class ValueWithMetadata:
    """A value that was read together with others, and its metadata."""

    value: str
    metadata: Any


@dataclass(frozen=True)
class ListedKey:
    """A key of a list."""

    name: str
    metadata: Any = None
    expiration: Optional[int] = None
    #: With ``values=True``: the value as text.
    value: Optional[str] = None
    #: With ``versions=True``: the version.
    version: Optional[int] = None
    #: The entry is damaged on disk. Reading it is an error. Writing or deleting it repairs it.
    damaged: bool = False


@dataclass(frozen=True)
class ListPage:
    """One page of a list."""

    keys: List[ListedKey]
    #: The start of the next page. ``None`` on the last page. A page may be empty and not be the last.
    cursor: Optional[str]


def text_of(key: str, value: bytes) -> str:
    """:raises InvalidError: "value_invalid" for bytes that are not UTF-8"""
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        hint = "Read it with get_bytes()."
        raise kv_error("value_invalid", f"The value of {key!r} is not UTF-8 text", hint=hint) from error
