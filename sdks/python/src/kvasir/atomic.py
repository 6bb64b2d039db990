"""Several changes, of which all or none are made."""

from __future__ import annotations

import base64
from typing import Any, Dict, List, Optional, TypeVar

from .arguments import Moment, Ttl, Value, epoch_seconds, json_text, key_path, ttl_seconds, value_bytes
from .arguments import flag, version_number, whole
from .errors import kv_error
from .transport import Transport

Self = TypeVar("Self", bound="AtomicChanges")


class AtomicChanges:
    """Collects checks and changes. An invalid one raises immediately."""

    def __init__(self, transport: Transport):
        self._transport = transport
        self._checks: List[Dict[str, Any]] = []
        self._mutations: List[Dict[str, Any]] = []
        self._committed = False

    def check(self: Self, key: str, version: Optional[int]) -> Self:
        """Requires that an entry has this version. ``None`` requires that it does not exist.

        >>> kv.atomic().check("new", None).put("new", "1").commit() is not None
        True
        """
        key_path(key)
        required = None if version is None else version_number(version, "version")
        self._checks.append({"key": key, "version": required})
        return self

    def put(
        self: Self,
        key: str,
        value: Value,
        *,
        ttl: Optional[Ttl] = None,
        expiration: Optional[Moment] = None,
        metadata: Any = None,
        if_absent: bool = False,
        if_version: Optional[int] = None,
    ) -> Self:
        """Writes a value. A condition is a check: if it does not hold, nothing at all is changed.

        >>> kv.atomic().put("a", "1", if_absent=True).put("b", "2", ttl=3600).commit() is not None
        True
        >>> kv.atomic().put("a", "2", if_absent=True).delete("b").commit() is None
        True
        """
        if flag("if_absent", if_absent) and if_version is not None:
            raise TypeError("Give if_absent or if_version, not both")
        if if_absent:
            self.check(key, None)
        if if_version is not None:
            self.check(key, if_version)
        mutation: Dict[str, Any] = {
            "type": "put",
            "key": key,
            "expirationTtl": ttl_seconds(ttl),
            "expiration": epoch_seconds(expiration),
            "metadata": metadata,
        }
        if isinstance(value, str):
            mutation["value"] = value
        else:
            mutation.update(value=base64.b64encode(value_bytes(value)).decode(), base64=True)
        return self._add(mutation)

    def delete(self: Self, key: str) -> Self:
        """Deletes an entry.

        >>> kv.atomic().delete("a").commit() is not None
        True
        """
        return self._add({"type": "delete", "key": key})

    def increment(self: Self, key: str, by: int = 1, *, ttl: Optional[Ttl] = None) -> Self:
        """Adds to a counter. The TTL applies if the counter is created.

        >>> kv.atomic().increment("n", 2).increment("n", ttl=3600).commit() is not None
        True
        >>> kv.get("n")
        '3'
        """
        return self._add(
            {"type": "increment", "key": key, "by": whole("by", by), "expirationTtl": ttl_seconds(ttl)}
        )

    def _add(self: Self, mutation: Dict[str, Any]) -> Self:
        key_path(mutation["key"])
        self._mutations.append({name: value for name, value in mutation.items() if value is not None})
        return self

    def _commit(self) -> Optional[int]:
        if self._committed:
            raise kv_error("bad_request", "This atomic() was committed before", hint="Begin another one.")
        self._committed = True
        body = json_text({"checks": self._checks, "mutations": self._mutations}).encode()
        headers = {"Content-Type": "application/json"}
        reply = self._transport.send("POST", "/bulk/atomic", body=body, headers=headers, accept=(412,))
        result = reply.json()
        assert isinstance(result, dict)
        return None if reply.status == 412 else int(result["version"])


class Atomic(AtomicChanges):
    """Collects checks and changes. :meth:`commit` makes all of them or none."""

    def commit(self) -> Optional[int]:
        """Returns the version of the changes; ``None`` if a check failed and nothing was changed.

        >>> kv.atomic().check("nothing", 7).put("a", "1").commit() is None
        True

        :raises InvalidError: "bad_request" for a second commit, which would repeat what was meant to happen once
        """
        return self._commit()
