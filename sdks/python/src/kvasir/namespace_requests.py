"""What all operations of a namespace send and read."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Tuple

from .arguments import json_text
from .errors import kv_error
from .transport import Reply, Transport, error_of


class NamespaceRequests:
    """Sends the requests of one namespace."""

    def __init__(self, transport: Transport):
        self._transport = transport

    def _post(self, path: str, body: Mapping[str, Any], *, safe: bool = False) -> Dict[str, Any]:
        return json_object(self._post_reply(path, body, safe=safe))

    def _post_reply(
        self, path: str, body: Mapping[str, Any], *, accept: Tuple[int, ...] = (), safe: bool = False
    ) -> Reply:
        given = {name: value for name, value in body.items() if value is not None}
        headers = {"Content-Type": "application/json"}
        sent = json_text(given).encode()
        return self._transport.send("POST", path, body=sent, headers=headers, accept=accept, safe=safe)


def json_object(reply: Reply) -> Dict[str, Any]:
    """:raises KvError: "internal" if a server that is not Kvasir's has responded"""
    try:
        found = reply.json()
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    hint = "Is the address the one of Kvasir's API?"
    raise kv_error("internal", "The response is not what was asked for", hint=hint, status=reply.status)


def raise_unless_missing(reply: Reply) -> None:
    """Raises for a missing namespace, which also gives a 404. A missing key is not an error."""
    error = error_of(reply)
    if error.code != "key_not_found":
        raise error


def version_of(reply: Reply) -> Optional[int]:
    tag = reply.headers.get("ETag")
    return None if tag is None else int(tag.strip('"'))
