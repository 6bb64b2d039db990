"""One namespace of a Kvasir server."""

from __future__ import annotations

import json
from typing import Any, Dict, Iterator, Mapping, Optional, Sequence, Tuple, Union

from .arguments import Moment, Ttl, Value, epoch_seconds, json_text, key_path, query_text, ttl_seconds
from .arguments import value_bytes, version_number, whole
from .atomic import Atomic
from .entry import Entry, ListedKey, ListPage, WriteResult, text_of
from .limits import BULK_KEYS_MAX, SCAN_TIMEOUT_FACTOR
from .transport import HeaderValue, Reply, Transport, error_of
from .watch import Watch


class Namespace:
    """Reads and writes entries. Threads and forked processes may share it.

    Every method raises :class:`kvasir.KvError`, and ``TypeError`` for an argument of the wrong type. Keys have at
    most 512 bytes of UTF-8, values 25 MiB, metadata 1,024 bytes of JSON. Lists are sorted by the UTF-8 bytes of keys.
    """

    def __init__(self, transport: Transport):
        self._transport = transport

    def get(self, key: str) -> Optional[str]:
        """Returns the value as text, or ``None`` if there is none.

        :raises InvalidError: "value_invalid" if the value is not UTF-8
        """
        value = self.get_bytes(key)
        return None if value is None else text_of(key, value)

    def get_bytes(self, key: str) -> Optional[bytes]:
        """Returns the value as bytes, or ``None`` if there is none."""
        reply = self._read(key)
        return None if reply is None else reply.body

    def get_json(self, key: str, default: Any = None) -> Any:
        """Returns the value parsed as JSON, or ``default`` if there is none.

        :raises ValueError: if the value is not JSON
        """
        reply = self._read(key)
        return default if reply is None else reply.json()

    def get_entry(self, key: str) -> Optional[Entry[bytes]]:
        """Returns the value with its metadata, version and expiration, or ``None`` if there is none."""
        reply = self._read(key)
        if reply is None:
            return None
        metadata = reply.headers.get("CF-KV-Metadata")
        expiration = reply.headers.get("CF-Expiration")
        return Entry(
            value=reply.body,
            # The header is raw UTF-8, which http.client decodes as Latin-1.
            metadata=None if metadata is None else json.loads(metadata.encode("latin-1")),
            version=_version_of(reply) or 0,
            expiration=None if expiration is None else int(expiration),
        )

    def get_many(self, keys: Sequence[str]) -> Dict[str, Optional[str]]:
        """Returns the values of many keys as text, with one request for each 100.

        :raises InvalidError: "value_invalid" if a value is not UTF-8
        """
        if isinstance(keys, (str, bytes)):
            raise TypeError(f"get_many takes a list of keys, not {type(keys).__name__}")
        for key in keys:
            key_path(key)
        values: Dict[str, Optional[str]] = {}
        for start in range(0, len(keys), BULK_KEYS_MAX):
            reply = self._post("/bulk/get", {"keys": list(keys[start : start + BULK_KEYS_MAX]), "type": "text"})
            found = reply.json()
            assert isinstance(found, dict)
            for key, value in found.items():
                # The server writes U+FFFD for bytes that are not UTF-8. A single read tells the difference.
                values[key] = self.get(key) if value and "\ufffd" in value else value
        return {key: values.get(key) for key in keys}

    def put(
        self,
        key: str,
        value: Value,
        *,
        ttl: Optional[Ttl] = None,
        expiration: Optional[Moment] = None,
        metadata: Any = None,
        if_absent: bool = False,
        if_version: Optional[int] = None,
    ) -> WriteResult:
        """Writes a value. It is on the server's disk when this returns.

        :param value: text or bytes; use :meth:`put_json` for other types
        :param ttl: seconds until it expires, or a timedelta; at least 60 s
        :param expiration: when it expires, in seconds since the epoch, or a datetime with a time zone
        :param metadata: any JSON value of at most 1,024 bytes
        :param if_absent: writes only if the entry does not exist
        :param if_version: writes only if the entry has this version
        """
        headers: Dict[str, HeaderValue] = {"Content-Type": "application/octet-stream"}
        if metadata is not None:
            # DEL is the only character that JSON does not escape and that HTTP forbids.
            headers["CF-KV-Metadata"] = json_text(metadata).replace("\x7f", "\\u007f").encode()
        headers.update(_condition(if_absent, if_version))
        query = query_text({"expiration": epoch_seconds(expiration), "expiration_ttl": ttl_seconds(ttl)})
        body = value_bytes(value)
        reply = self._transport.send("PUT", key_path(key) + query, body=body, headers=headers, accept=(412,))
        return _write_result(reply)

    def put_json(
        self,
        key: str,
        value: Any,
        *,
        ttl: Optional[Ttl] = None,
        expiration: Optional[Moment] = None,
        metadata: Any = None,
        if_absent: bool = False,
        if_version: Optional[int] = None,
    ) -> WriteResult:
        """Writes a value as JSON. Otherwise it is like :meth:`put`.

        :raises ValueError: for NaN and the infinities, which are not JSON
        """
        return self.put(
            key,
            json_text(value),
            ttl=ttl,
            expiration=expiration,
            metadata=metadata,
            if_absent=if_absent,
            if_version=if_version,
        )

    def delete(self, key: str, *, if_version: Optional[int] = None) -> WriteResult:
        """Deletes an entry. A missing entry is not an error."""
        headers = _condition(False, if_version)
        return _write_result(self._transport.send("DELETE", key_path(key), headers=headers, accept=(412,)))

    def increment(self, key: str, by: int = 1, *, ttl: Optional[Ttl] = None) -> int:
        """Adds to a counter atomically and returns the sum.

        :param ttl: seconds until it expires; applies if the counter is created
        :raises KvError: "value_not_integer" if the value is not a whole number
        """
        body = {"by": whole("by", by), "expirationTtl": ttl_seconds(ttl)}
        reply = self._post(f"{key_path(key)}/increment", body).json()
        assert isinstance(reply, dict)
        return int(reply["value"])

    def touch(self, key: str, *, ttl: Optional[Ttl] = None, expiration: Optional[Moment] = None) -> bool:
        """Changes the expiry of an entry without rewriting it. Without arguments it never expires.

        :returns: whether the entry exists
        """
        body = {"expirationTtl": ttl_seconds(ttl), "expiration": epoch_seconds(expiration)}
        reply = self._post(f"{key_path(key)}/touch", body, accept=(404,))
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
        """Returns one page of at most 1,000 keys.

        :param start: the first key, inclusive
        :param end: the end of the keys, exclusive
        """
        query = query_text(
            {
                # Also if it is empty, because a path without a query means an empty key.
                "prefix": prefix,
                "key_count_limit": None if limit is None else whole("limit", limit),
                "cursor": cursor,
                "start": start,
                "end": end,
                "reverse": reverse,
                "values": values,
                "versions": versions,
            }
        )
        page = self._transport.send("GET", "/" + query).json()
        assert isinstance(page, dict)
        return ListPage([_listed(key) for key in page["keys"]], page.get("cursor"))

    def keys(
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
    ) -> Iterator[ListedKey]:
        """Yields all keys with a prefix. Pages are read on demand. Options are as for :meth:`list`.

        :param limit: keys of one page
        """
        while True:
            page = self.list(
                prefix,
                limit=limit,
                cursor=cursor,
                start=start,
                end=end,
                reverse=reverse,
                values=values,
                versions=versions,
            )
            yield from page.keys
            cursor = page.cursor
            if cursor is None:
                return

    def count(self, prefix: str = "") -> int:
        """Returns the number of keys with a prefix."""
        reply = self._transport.send(
            "GET", "/" + query_text({"count": True, "prefix": prefix}), timeout_factor=SCAN_TIMEOUT_FACTOR
        ).json()
        assert isinstance(reply, dict)
        return int(reply["count"])

    def delete_prefix(self, prefix: str, *, dry_run: bool = False, all: bool = False) -> int:
        """Deletes all keys with a prefix and returns their number.

        :param dry_run: only counts them
        :param all: allows an empty prefix, which deletes everything
        """
        query = query_text({"prefix": prefix, "dry_run": dry_run, "all": all})
        reply = self._transport.send("DELETE", "/" + query, timeout_factor=SCAN_TIMEOUT_FACTOR).json()
        assert isinstance(reply, dict)
        return int(reply["count"])

    def atomic(self) -> Atomic:
        """Begins a group of changes of which all or none are made::

            entry = accounts.get_entry("a")
            accounts.atomic().check("a", entry.version).put("a", "90").put("b", "110").commit()
        """
        return Atomic(self._transport)

    def position(self) -> str:
        """The newest position of the changes: ``watch(since=...)`` is told all that is written from now on."""
        reply = self._transport.send("GET", "/?position=true").json()
        assert isinstance(reply, dict)
        return str(reply["position"])

    def watch(self, prefix: str = "", *, since: Optional[str] = None) -> Watch:
        """Changes as they are made, in order, from now on::

            with kv.watch("user:") as changes:
                for change in changes:
                    print(change.type, change.key)

        A broken connection is replaced, and the watch resumes after the last change that was seen.

        :param since: the position of a change, or one from :meth:`position`, to begin after
        :raises KvError: "watch_behind" when ``since`` is further back than the server remembers
        """
        return Watch(self._transport, prefix, since)

    def close(self) -> None:
        """Closes idle connections. The namespace stays usable."""
        self._transport.close()

    def __enter__(self) -> "Namespace":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, key: str) -> Optional[Reply]:
        reply = self._transport.send("GET", key_path(key), accept=(404,))
        if reply.status != 404:
            return reply
        _raise_unless_missing(reply)
        return None

    def _post(self, path: str, body: Mapping[str, Any], accept: Tuple[int, ...] = ()) -> Reply:
        headers = {"Content-Type": "application/json"}
        return self._transport.send("POST", path, body=json_text(body).encode(), headers=headers, accept=accept)


def _raise_unless_missing(reply: Reply) -> bool:
    """Raises for a missing namespace, which also gives a 404. A missing key is not an error."""
    error = error_of(reply)
    if error.code != "key_not_found":
        raise error
    return False


def _condition(if_absent: bool, if_version: Optional[int]) -> Dict[str, HeaderValue]:
    if if_absent and if_version is not None:
        raise TypeError("Give if_absent or if_version, not both")
    if if_absent:
        return {"If-None-Match": "*"}
    return {} if if_version is None else {"If-Match": f'"{version_number(if_version)}"'}


def _write_result(reply: Reply) -> WriteResult:
    return WriteResult(reply.status != 412, _version_of(reply))


def _version_of(reply: Reply) -> Optional[int]:
    tag = reply.headers.get("ETag")
    return None if tag is None else int(tag.strip('"'))


def _listed(key: Dict[str, Any]) -> ListedKey:
    metadata = key.get("metadata")
    return ListedKey(
        name=key["name"],
        # The metadata is a string that contains JSON, which is the form that workerd reads.
        metadata=None if metadata is None else json.loads(metadata),
        expiration=key.get("expiration"),
        value=key.get("value"),
        version=key.get("version"),
    )
