"""Several changes, all or none."""

from __future__ import annotations

import base64
import json
from typing import Any, Dict, List, Optional, Union

from .transport import Transport


class Atomic:
    """Collects checks and changes; :meth:`commit` does all of them or none."""

    def __init__(self, transport: Transport):
        self._transport = transport
        self._checks: List[Dict[str, Any]] = []
        self._mutations: List[Dict[str, Any]] = []

    def check(self, key: str, version: Optional[int]) -> "Atomic":
        """Requires that an entry has this version; ``None``: that there is none."""
        self._checks.append({"key": key, "version": version})
        return self

    def put(
        self,
        key: str,
        value: Union[str, bytes],
        *,
        ttl: Optional[int] = None,
        expiration: Optional[int] = None,
        metadata: Any = None,
    ) -> "Atomic":
        mutation: Dict[str, Any] = {"type": "put", "key": key, "expirationTtl": ttl, "expiration": expiration}
        if isinstance(value, str):
            mutation["value"] = value
        else:
            mutation.update(value=base64.b64encode(value).decode(), base64=True)
        if metadata is not None:
            mutation["metadata"] = metadata
        return self._add(mutation)

    def delete(self, key: str) -> "Atomic":
        return self._add({"type": "delete", "key": key})

    def increment(self, key: str, by: int = 1, *, ttl: Optional[int] = None) -> "Atomic":
        return self._add({"type": "increment", "key": key, "by": by, "expirationTtl": ttl})

    def commit(self) -> Optional[int]:
        """The version of the changes; ``None`` when a check failed and nothing was changed."""
        body = json.dumps({"checks": self._checks, "mutations": self._mutations}).encode()
        headers = {"Content-Type": "application/json"}
        reply = self._transport.send("POST", "/bulk/atomic", body=body, headers=headers, accept=(412,))
        answer = reply.json()
        assert isinstance(answer, dict)
        return None if reply.status == 412 else answer["version"]

    def _add(self, mutation: Dict[str, Any]) -> "Atomic":
        self._mutations.append({name: value for name, value in mutation.items() if value is not None})
        return self
