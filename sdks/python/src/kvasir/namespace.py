"""One namespace of a Kvasir server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, Generic, Iterator, List, Mapping, Optional, Sequence, TypeVar, Union
from urllib.parse import quote, urlencode

from .atomic import Atomic
from .limits import BULK_KEYS_MAX
from .transport import HeaderValue, Reply, Transport, error_of

Value = Union[str, bytes, bytearray, memoryview]
T = TypeVar("T")


@dataclass(frozen=True)
class Entry(Generic[T]):
    """A value with all that is known of it."""

    value: T
    metadata: Any
    #: Grows with each change of the key, also across deletion.
    version: int
    #: When it expires, in seconds since the epoch; ``None`` for never.
    expiration: Optional[int]


@dataclass(frozen=True)
class WriteResult:
    """Whether a write took place; it is true or false by itself.

    A write without a condition always does, or raises.
    """

    ok: bool
    #: The entry's version now; ``None`` when there is no entry.
    version: Optional[int]

    def __bool__(self) -> bool:
        return self.ok


@dataclass(frozen=True)
class ListedKey:
    name: str
    metadata: Any = None
    expiration: Optional[int] = None
    #: With ``values=True``.
    value: Optional[str] = None
    #: With ``versions=True``.
    version: Optional[int] = None


@dataclass(frozen=True)
class ListPage:
    keys: List[ListedKey]
    #: Where the next page begins; ``None`` on the last one. A page may be empty and yet not be the last.
    cursor: Optional[str]


class Namespace:
    """Reads and writes entries. Threads may share it.

    Every method raises :class:`kvasir.KvError`. Keys are at most 512 bytes of UTF-8, values 25 MiB, metadata
    1,024 bytes of JSON. Keys are listed in the order of their UTF-8 bytes.
    """

    def __init__(self, transport: Transport):
        self._transport = transport

    def get(self, key: str) -> Optional[str]:
        """The value as text, ``None`` when there is none."""
        value = self.get_bytes(key)
        return None if value is None else value.decode("utf-8", "replace")

    def get_bytes(self, key: str) -> Optional[bytes]:
        """The value as bytes, ``None`` when there is none."""
        reply = self._read(key)
        return None if reply is None else reply.body

    def get_json(self, key: str, default: Any = None) -> Any:
        """The value parsed as JSON, ``default`` when there is none.

        :raises ValueError: when the value is no JSON
        """
        reply = self._read(key)
        return default if reply is None else reply.json()

    def get_entry(self, key: str) -> Optional[Entry[bytes]]:
        """The value with its metadata, version and expiration, ``None`` when there is none."""
        reply = self._read(key)
        if reply is None:
            return None
        metadata = reply.headers.get("CF-KV-Metadata")
        expiration = reply.headers.get("CF-Expiration")
        return Entry(
            value=reply.body,
            # Raw UTF-8, which http.client reads as Latin-1.
            metadata=None if metadata is None else json.loads(metadata.encode("latin-1")),
            version=_version_of(reply) or 0,
            expiration=None if expiration is None else int(expiration),
        )

    def get_many(self, keys: Sequence[str]) -> Dict[str, Optional[str]]:
        """The values of many keys as text, in one request for each 100 of them."""
        values: Dict[str, Optional[str]] = {}
        for start in range(0, len(keys), BULK_KEYS_MAX):
            reply = self._post("/bulk/get", {"keys": list(keys[start : start + BULK_KEYS_MAX]), "type": "text"})
            found = reply.json()
            assert isinstance(found, dict)
            values.update(found)
        return {key: values.get(key) for key in keys}

    def put(
        self,
        key: str,
        value: Value,
        *,
        ttl: Optional[int] = None,
        expiration: Optional[int] = None,
        metadata: Any = None,
        if_absent: bool = False,
        if_version: Optional[int] = None,
    ) -> WriteResult:
        """Writes a value; it is on the server's disk when this returns.

        :param ttl: seconds until it expires, at least 60
        :param expiration: when it expires, in seconds since the epoch
        :param metadata: anything that JSON can say, at most 1,024 bytes of it
        :param if_absent: only if there is no entry
        :param if_version: only if the entry has this version
        """
        headers: Dict[str, HeaderValue] = {"Content-Type": "application/octet-stream"}
        if metadata is not None:
            headers["CF-KV-Metadata"] = _json(metadata).encode()
        headers.update(_condition(if_absent, if_version))
        query = _query(expiration=expiration, expiration_ttl=ttl)
        body = value.encode() if isinstance(value, str) else bytes(value)
        reply = self._transport.send("PUT", _path(key) + query, body=body, headers=headers, accept=(412,))
        return _write_result(reply)

    def put_json(self, key: str, value: Any, **options: Any) -> WriteResult:
        """:meth:`put` of a value as JSON."""
        return self.put(key, _json(value), **options)

    def delete(self, key: str, *, if_version: Optional[int] = None) -> WriteResult:
        """Removes an entry; that there is none is no error."""
        headers = _condition(False, if_version)
        return _write_result(self._transport.send("DELETE", _path(key), headers=headers, accept=(412,)))

    def increment(self, key: str, by: int = 1, *, ttl: Optional[int] = None) -> int:
        """Adds to a counter, atomically, and returns the sum.

        :param ttl: seconds until it expires; applies when this creates the counter
        :raises KvError: "value_not_integer" when the value is no whole number
        """
        body = {"by": by} if ttl is None else {"by": by, "expirationTtl": ttl}
        reply = self._post(f"{_path(key)}/increment", body).json()
        assert isinstance(reply, dict)
        return int(reply["value"])

    def touch(self, key: str, *, ttl: Optional[int] = None, expiration: Optional[int] = None) -> bool:
        """Gives an entry a new expiry without rewriting it; with neither it never expires.

        :returns: whether there is such an entry
        """
        body = {"expirationTtl": ttl, "expiration": expiration}
        reply = self._post(f"{_path(key)}/touch", body, accept=(404,))
        return reply.status != 404 or _raise_unless_missing(reply)

    def list(
        self,
        prefix: str = "",
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        start: Optional[str] = None,
        end: Optional[str] = None,
        reverse: bool = False,
        values: bool = False,
        versions: bool = False,
    ) -> ListPage:
        """One page of keys, at most 1,000.

        :param start: the first key, included
        :param end: where the keys end, excluded
        """
        query = _query(
            prefix=prefix or None,
            key_count_limit=limit,
            cursor=cursor,
            start=start,
            end=end,
            reverse="true" if reverse else None,
            values="true" if values else None,
            versions="true" if versions else None,
        )
        page = self._transport.send("GET", "/" + query).json()
        assert isinstance(page, dict)
        return ListPage([_listed(key) for key in page["keys"]], page.get("cursor"))

    def keys(self, prefix: str = "", **options: Any) -> Iterator[ListedKey]:
        """Every key with a prefix, page by page as they are asked for; options as for :meth:`list`."""
        cursor: Optional[str] = None
        while True:
            page = self.list(prefix, cursor=cursor, **options)
            yield from page.keys
            cursor = page.cursor
            if cursor is None:
                return

    def count(self, prefix: str = "") -> int:
        """How many keys have a prefix."""
        reply = self._transport.send("GET", "/" + _query(count="true", prefix=prefix or None)).json()
        assert isinstance(reply, dict)
        return int(reply["count"])

    def delete_prefix(self, prefix: str, *, dry_run: bool = False) -> int:
        """Removes every key with a prefix, which must not be empty; returns how many there were."""
        query = _query(prefix=prefix, dry_run="true" if dry_run else None)
        reply = self._transport.send("DELETE", "/" + query).json()
        assert isinstance(reply, dict)
        return int(reply["count"])

    def atomic(self) -> Atomic:
        """Several changes that all take place, or none::

            entry = accounts.get_entry("a")
            accounts.atomic().check("a", entry.version).put("a", "90").put("b", "110").commit()
        """
        return Atomic(self._transport)

    def _read(self, key: str) -> Optional[Reply]:
        reply = self._transport.send("GET", _path(key), accept=(404,))
        if reply.status != 404:
            return reply
        _raise_unless_missing(reply)
        return None

    def _post(self, path: str, body: Mapping[str, Any], accept: tuple = ()) -> Reply:
        headers = {"Content-Type": "application/json"}
        return self._transport.send("POST", path, body=_json(body).encode(), headers=headers, accept=accept)


def _raise_unless_missing(reply: Reply) -> bool:
    """404 is also what a namespace that does not exist answers, and that is an error."""
    error = error_of(reply)
    if error.code != "key_not_found":
        raise error
    return False


def _path(key: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"A key is a str, not {type(key).__name__}")
    return "/" + quote(key, safe="")


def _query(**parameters: Union[str, int, None]) -> str:
    given = {name: value for name, value in parameters.items() if value is not None}
    return "?" + urlencode(given, quote_via=quote) if given else ""


def _condition(if_absent: bool, if_version: Optional[int]) -> Dict[str, HeaderValue]:
    if if_absent and if_version is not None:
        raise TypeError("Give if_absent or if_version, not both")
    if if_absent:
        return {"If-None-Match": "*"}
    return {} if if_version is None else {"If-Match": f'"{if_version}"'}


def _write_result(reply: Reply) -> WriteResult:
    return WriteResult(reply.status != 412, _version_of(reply))


def _version_of(reply: Reply) -> Optional[int]:
    tag = reply.headers.get("ETag")
    return None if tag is None else int(tag.strip('"'))


def _listed(key: Dict[str, Any]) -> ListedKey:
    metadata = key.get("metadata")
    return ListedKey(
        name=key["name"],
        # A string that holds JSON: that is how workerd reads it.
        metadata=None if metadata is None else json.loads(metadata),
        expiration=key.get("expiration"),
        value=key.get("value"),
        version=key.get("version"),
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
