"""The cache's requests to the namespace."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Dict, Optional, Sequence

from ..entry import Entry
from .cache_entry import CacheEntry, CacheKeys, Content, Lease, TagVersions
from .keys import store_ttl
from .limits import CLOCK_DIFFERENCE_SECONDS, TAGGED_SECONDS_MAX
from .steps import Changes, Commit, Request, Steps

#: How long an invalidation is remembered: longer than any entry with the tag can live.
_REMEMBERED_SECONDS = store_ttl(TAGGED_SECONDS_MAX + CLOCK_DIFFERENCE_SECONDS)


@dataclass(frozen=True)
class Found:
    """The result of looking up a key."""

    #: ``None`` if there is no entry, if it has expired, or if one of its tags was invalidated.
    entry: Optional[CacheEntry]
    #: Whether there was no entry at all, valid or not.
    absent: bool
    lease: Optional[Lease]
    tags: TagVersions


@dataclass(frozen=True)
class HeldLease:
    """A lease of this caller. Its result is stored only if the lease still has this version."""

    owner: str
    version: int


class CacheEntries:
    def __init__(self, keys: CacheKeys):
        self._keys = keys

    def find(self, key: str, tags: Sequence[str], now_ms: int) -> Steps[Found]:
        """Reads the entry, its lease and its tags in one request.

        A second one is needed if the entry has tags that the caller does not know.
        """
        entry_key, lease_key = self._keys.entry(key), self._keys.lease(key)
        tag_keys = {tag: self._keys.tag(tag) for tag in tags}
        texts: Dict[str, Optional[str]] = yield Request(
            "get_many", [entry_key, lease_key, *tag_keys.values()]
        )
        versions = {tag: texts[tag_key] for tag, tag_key in tag_keys.items()}
        entry = CacheEntry.parse(texts[entry_key])
        if entry is not None and (
            now_ms >= entry.stale_until_ms or not (yield from self._stands(entry, versions))
        ):
            entry = None
        return Found(entry, texts[entry_key] is None, Lease.parse(texts[lease_key]), versions)

    def take_lease(self, key: str, seen: Found, *, now_ms: int, lease_ms: int) -> Steps[Optional[HeldLease]]:
        """Takes a lease that is free or has expired, unless another caller was faster."""
        lease_key = self._keys.lease(key)
        lease = Lease(str(uuid.uuid4()), now_ms + lease_ms)
        ran_out: Optional[int] = None
        if seen.lease is not None:
            there: Optional[Entry[bytes]] = yield Request("get_entry", lease_key)
            holder = None if there is None else Lease.parse(there.value.decode("utf-8", "replace"))
            if there is not None and (holder is None or holder.owner != seen.lease.owner):
                return None
            ran_out = None if there is None else there.version

        def add(changes: Changes) -> None:
            ttl = store_ttl(lease_ms / 1000 + CLOCK_DIFFERENCE_SECONDS)
            changes.check(lease_key, ran_out).put(lease_key, lease.text(), ttl=ttl)
            # Otherwise a caller whose lookup came before the entry would take the lease that was released
            # after it.
            if seen.absent:
                changes.check(self._keys.entry(key), None)

        version: Optional[int] = yield Commit(add)
        return None if version is None else HeldLease(lease.owner, version)

    def store(self, key: str, lease: HeldLease, entry: Optional[CacheEntry], now_ms: int) -> Steps[None]:
        """Stores the entry, if there is one, and releases the lease.

        Does nothing if the lease was taken over.
        """

        def add(changes: Changes) -> None:
            changes.check(self._keys.lease(key), lease.version)
            if entry is not None:
                ttl = store_ttl((entry.stale_until_ms - now_ms) / 1000)
                changes.put(self._keys.entry(key), entry.text(), ttl=ttl)
            changes.delete(self._keys.lease(key))

        yield Commit(add)

    def delete(self, key: str) -> Steps[None]:
        """Removes an entry together with its lease, so that a value being computed is not stored."""
        entry_key, lease_key = self._keys.entry(key), self._keys.lease(key)
        yield Commit(lambda changes: changes.delete(entry_key).delete(lease_key))

    def invalidate(self, tags: Sequence[str], now_ms: int) -> Steps[None]:
        """Invalidates all entries with one of the tags.

        A version is random text, so it can be written again. The time in it serves TypeScript's computations
        that add a tag.
        """
        keys = [self._keys.tag(tag) for tag in tags]
        version = f"{uuid.uuid4()}@{now_ms}"

        def add(changes: Any) -> None:
            for key in keys:
                changes.put(key, version, ttl=_REMEMBERED_SECONDS)

        if keys:
            yield Commit(add)

    def _stands(self, entry: CacheEntry, versions: TagVersions) -> Steps[bool]:
        """Whether the entry has all tags of the caller, and none of its tags was invalidated."""
        if any(tag not in entry.tags or entry.tags[tag] != version for tag, version in versions.items()):
            return False
        others = {tag: self._tag_key(tag) for tag in entry.tags if tag not in versions}
        if not others:
            return True
        texts: Dict[str, Optional[str]] = yield Request("get_many", list(others.values()))
        return all(texts[key] == entry.tags[tag] for tag, key in others.items())

    def _tag_key(self, tag: str) -> str:
        return self._keys.tag(tag)


def entry_of(content: Content, *, now_ms: int, took_ms: int, tags: TagVersions) -> Optional[CacheEntry]:
    """Returns ``None`` for content that is not stored at all."""
    if content.fresh_ms + content.stale_ms <= 0:
        return None
    return CacheEntry.of(content, now_ms=now_ms, took_ms=took_ms, tags=tags)
