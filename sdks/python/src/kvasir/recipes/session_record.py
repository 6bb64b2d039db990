"""The stored form of sessions, their ids and keys."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from dataclasses import dataclass, replace
from typing import Any, Dict, List, Optional

from .keys import json_text, recipe_key, store_ttl, unusable
from .limits import INDEX_MARGIN_SECONDS, SESSION_ID_BYTES

#: 256 bits as base64url without padding. The last character holds 4 bits.
_ID = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")


@dataclass(frozen=True)
class SessionRecord:
    created_ms: int
    #: The end of its lifetime.
    ends_ms: int
    data: Any
    user_id: Optional[str] = None
    #: How long it may be unused. ``None``: as the option of the recipe says.
    idle_ms: Optional[int] = None
    #: Whether its cookie survives a restart of the browser. ``None``: as the program does for all.
    persistent: Optional[bool] = None

    def text(self) -> str:
        record: Dict[str, Any] = {"createdMs": self.created_ms, "endsMs": self.ends_ms}
        if self.idle_ms is not None:
            record["idleMs"] = self.idle_ms
        if self.persistent is not None:
            record["persistent"] = self.persistent
        if self.user_id is not None:
            record["userId"] = self.user_id
        return json_text({**record, "data": self.data}, "The session's data")

    def with_data(self, data: Any) -> "SessionRecord":
        return replace(self, data=data)

    @staticmethod
    def parse(text: str) -> "SessionRecord":
        """:raises InvalidError: "value_not_json" for a value of another program"""
        try:
            record = json.loads(text)
            return SessionRecord(
                _ms(record["createdMs"]),
                _ms(record["endsMs"]),
                record["data"],
                record.get("userId"),
                None if record.get("idleMs") is None else _ms(record["idleMs"]),
                record.get("persistent"),
            )
        except (ValueError, KeyError, TypeError):
            hint = "Give sessions a prefix, or a namespace, that nothing else writes to."
            raise unusable("What is stored is not a session.", hint, "value_not_json") from None


@dataclass(frozen=True)
class SessionSpans:
    """How long sessions live."""

    idle_ms: int
    lifetime_ms: int

    def end_ms(self, record: SessionRecord) -> int:
        """When a session ends even if it is used. A lifetime that was shortened later applies to it too."""
        return min(record.ends_ms, record.created_ms + self.lifetime_of(record.idle_ms))

    def lifetime_of(self, idle_ms: Optional[int]) -> int:
        """A session with an idle time of its own that is longer than the lifetime lives as long as that."""
        return max(self.lifetime_ms, idle_ms or 0)

    def idle_of(self, record: SessionRecord) -> int:
        return self.idle_ms if record.idle_ms is None else record.idle_ms

    def expiry_ms(self, record: SessionRecord, now_ms: int) -> int:
        """When it expires if it is last used now."""
        return min(now_ms + self.idle_of(record), self.end_ms(record))

    def ttl_seconds(self, record: SessionRecord, now_ms: int) -> int:
        return store_ttl((self.expiry_ms(record, now_ms) - now_ms) / 1000)


def index_ttl_seconds(record: SessionRecord, now_ms: int) -> int:
    """The TTL of the index entry. It covers the whole lifetime, so that prolonging touches only one entry."""
    return store_ttl((record.ends_ms - now_ms) / 1000 + INDEX_MARGIN_SECONDS)


class SessionKeys:
    """The keys of sessions and of the index by user."""

    def __init__(self, prefix: str):
        self._prefix = prefix

    def session(self, handle: str) -> str:
        return recipe_key(self._prefix, "id", handle)

    def user(self, user_id: str) -> str:
        """The common prefix of the entries in the user's index."""
        return recipe_key(self._prefix, "user", user_id) + ":"

    def indexed(self, user_id: str, handle: str) -> str:
        return recipe_key(self._prefix, "user", user_id, handle)

    def of(self, handle: str, user_id: Optional[str]) -> List[str]:
        """All keys of a session."""
        session = self.session(handle)
        return [session] if user_id is None else [session, self.indexed(user_id, handle)]


def new_session_id() -> str:
    """Returns a new id. It is a secret: its holder has the session."""
    return _base64url(secrets.token_bytes(SESSION_ID_BYTES))


def handle_of(session_id: object) -> Optional[str]:
    """Returns the handle of an id in the store, its SHA-256; ``None`` for a text that is not an id.

    Someone who can list keys or read a backup has no id to send as a cookie.
    """
    if not isinstance(session_id, str) or not is_handle(session_id):
        return None
    return _base64url(hashlib.sha256(session_id.encode()).digest())


def is_handle(text: object) -> bool:
    """Whether a text has the form of a handle. Ids have the same form."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def _ms(value: Any) -> int:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return int(value)
    raise TypeError


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
