"""The stored form of a cache's entries and of the leases for computing them."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional

from .keys import client_key_parts, json_text, recipe_key
from .limits import TAGGED_SECONDS_MAX
from .options import nonempty_text

#: The versions of tags. ``None``: the tag was never invalidated.
TagVersions = Mapping[str, Optional[str]]


@dataclass(frozen=True)
class Content:
    """A value to store, and for how long."""

    #: JSON, or the message of a computation that failed.
    payload: str
    fresh_ms: int
    #: How much longer it may be served while a new one is computed.
    stale_ms: int = 0
    failed: bool = False


@dataclass(frozen=True)
class CacheEntry:
    """Content as stored."""

    payload: str
    failed: bool
    stored_at_ms: float
    fresh_until_ms: float
    stale_until_ms: float
    #: How long the computation took.
    took_ms: float
    #: The versions from before the computation, so that an invalidation during it counts.
    tags: TagVersions

    @staticmethod
    def of(content: Content, *, now_ms: int, took_ms: int, tags: TagVersions) -> "CacheEntry":
        """With tags it must not outlive the record of their invalidation."""
        longest_ms = TAGGED_SECONDS_MAX * 1000 if tags else math.inf
        return CacheEntry(
            payload=content.payload,
            failed=content.failed,
            stored_at_ms=now_ms,
            fresh_until_ms=now_ms + min(content.fresh_ms, longest_ms),
            stale_until_ms=now_ms + min(content.fresh_ms + content.stale_ms, longest_ms),
            took_ms=took_ms,
            tags=tags,
        )

    def text(self) -> str:
        """A line of JSON. The payload follows as it is."""
        header: Dict[str, Any] = {
            "at": self.stored_at_ms,
            "fresh": self.fresh_until_ms,
            "stale": self.stale_until_ms,
            "took": self.took_ms,
        }
        if self.tags:
            header["tags"] = [list(tag) for tag in self.tags.items()]
        if self.failed:
            header["failed"] = True
        return json_text(header, "The cache's entry") + "\n" + self.payload

    @staticmethod
    def parse(text: Optional[str]) -> "Optional[CacheEntry]":
        """Returns ``None`` if the text is not an entry.

        The value is then computed again and overwrites it.
        """
        head, line_end, payload = (text or "").partition("\n")
        if not line_end:
            return None
        try:
            header = json.loads(head)
            at, fresh, stale, took = (_time(header[name]) for name in ("at", "fresh", "stale", "took"))
            tags = {tag: version for tag, version in header.get("tags", [])}
            return CacheEntry(payload, header.get("failed", False), at, fresh, stale, took, tags)
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


def _time(value: Any) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return value
    raise TypeError


@dataclass(frozen=True)
class Lease:
    """The right to compute an entry, as other callers see it."""

    owner: str
    #: In the time of the owner's clock. A caller whose clock is later may take the lease over.
    until_ms: float

    def text(self) -> str:
        return json_text({"owner": self.owner, "untilMs": self.until_ms}, "The lease")

    @staticmethod
    def parse(text: Optional[str]) -> "Optional[Lease]":
        try:
            stored = json.loads(text or "")
            owner, until_ms = stored["owner"], _time(stored["untilMs"])
        except (ValueError, KeyError, TypeError):
            return None
        return Lease(owner, until_ms) if isinstance(owner, str) else None


class CacheKeys:
    """The keys of a cache's entries."""

    def __init__(self, prefix: str):
        self._prefix = prefix

    def entry(self, key: str) -> str:
        return recipe_key(self._prefix, "entry", *client_key_parts(key))

    def lease(self, key: str) -> str:
        return recipe_key(self._prefix, "lease", *client_key_parts(key))

    def tag(self, tag: str) -> str:
        return recipe_key(self._prefix, "tag", nonempty_text("tag", tag))
