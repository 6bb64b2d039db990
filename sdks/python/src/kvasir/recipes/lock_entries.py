"""The two entries of a lock: its owner, whose version is the fencing token, and its deadline.

With a single entry each renewal would change the token, and every write that checks it would conflict with
renewals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ..entry import ListPage
from .keys import recipe_key, store_ttl
from .limits import CLOCK_DIFFERENCE_SECONDS, OWNER_SECONDS
from .steps import Changes, Commit, Request, Steps


@dataclass(frozen=True)
class Holder:
    """The stored holder of a lock."""

    owner: str
    fencing_token: int
    #: In the time of the holder's clock.
    until_ms: float
    #: ``None`` if the deadline's entry has expired, long after the deadline.
    until_version: Optional[int]


@dataclass(frozen=True)
class Term:
    owner: str
    until_ms: int
    ttl_seconds: int


class LockEntries:
    def __init__(self, prefix: str, name: str):
        self._prefix = recipe_key(prefix, name) + ":"
        #: The key whose version is the fencing token.
        self.key = recipe_key(prefix, name, "owner")
        self._until_key = recipe_key(prefix, name, "until")

    def read(self) -> Steps[Optional[Holder]]:
        """Reads both entries in one request, so that they belong together."""
        page: ListPage = yield Request("list", self._prefix, values=True, versions=True)
        found = {entry.name: entry for entry in page.keys}
        owner, until = found.get(self.key), found.get(self._until_key)
        if owner is None or owner.value is None or owner.version is None:
            return None
        return Holder(
            owner.value,
            owner.version,
            _number(until.value if until else None),
            until.version if until else None,
        )

    def take(self, term: Term, seen: Optional[Holder]) -> Steps[Optional[int]]:
        """Takes the lock if its holder is still the one that was seen and has not renewed it since.

        :returns: the fencing token; ``None`` if another caller was faster
        """

        def add(changes: Changes) -> None:
            changes.check(self.key, None if seen is None else seen.fencing_token)
            if seen is not None:
                changes.check(self._until_key, seen.until_version)
            changes.put(self.key, term.owner, ttl=OWNER_SECONDS)
            self._put_until(changes, term)

        version: Optional[int] = yield Commit(add)
        return version

    def renew(self, fencing_token: int, term: Term, restamp: bool) -> Steps[Optional[int]]:
        """Writes a new deadline. ``restamp`` also writes the owner again, which changes the fencing token.

        :returns: the fencing token; ``None`` if another owner has the lock
        """

        def add(changes: Changes) -> None:
            changes.check(self.key, fencing_token)
            if restamp:
                changes.put(self.key, term.owner, ttl=OWNER_SECONDS)
            self._put_until(changes, term)

        version: Optional[int] = yield Commit(add)
        return fencing_token if version is not None and not restamp else version

    def release(self, fencing_token: int) -> Steps[bool]:
        """:returns: whether this owner still held the lock"""
        version = yield Commit(
            lambda changes: changes.check(self.key, fencing_token).delete(self.key).delete(self._until_key)
        )
        return version is not None

    def _put_until(self, changes: Changes, term: Term) -> None:
        changes.put(
            self._until_key, str(term.until_ms), ttl=store_ttl(term.ttl_seconds + CLOCK_DIFFERENCE_SECONDS)
        )


def _number(text: Optional[str]) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0
