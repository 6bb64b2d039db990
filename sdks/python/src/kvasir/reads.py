"""Operations that read entries."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, Optional, Sequence

from .arguments import Ttl, key_path, query_text, ttl_seconds
from .entry import Entry, ValueWithMetadata, text_of
from .limits import BULK_KEYS_MAX
from .namespace_requests import NamespaceRequests, raise_unless_missing, version_of
from .transport import Reply
from .value_stream import ValueStream


class Reads(NamespaceRequests):
    """The part of :class:`kvasir.Namespace` that reads entries."""

    def get(self, key: str, *, cache_ttl: Optional[Ttl] = None) -> Optional[str]:
        """Returns the value as text, or ``None`` if there is none.

        >>> kv.put("greeting", "grüß dich").ok
        True
        >>> kv.get("greeting")
        'grüß dich'

        :param cache_ttl: how old a response of a cache may be, in seconds or as a timedelta; at least 30 s
        :raises InvalidError: "value_invalid" if the value is not UTF-8
        """
        value = self.get_bytes(key, cache_ttl=cache_ttl)
        return None if value is None else text_of(key, value)

    def get_bytes(self, key: str, *, cache_ttl: Optional[Ttl] = None) -> Optional[bytes]:
        """Returns the value as bytes, or ``None`` if there is none.

        >>> kv.get_bytes("nothing") is None
        True
        """
        reply = self._read(key, cache_ttl)
        return None if reply is None else reply.body

    def get_json(self, key: str, default: Any = None, *, cache_ttl: Optional[Ttl] = None) -> Any:
        """Returns the value parsed as JSON, or ``default`` if there is none.

        >>> kv.put_json("cart", {"apples": 2}).ok
        True
        >>> kv.get_json("cart")
        {'apples': 2}

        :raises ValueError: if the value is not JSON
        """
        reply = self._read(key, cache_ttl)
        return default if reply is None else reply.json()

    def get_entry(self, key: str, *, cache_ttl: Optional[Ttl] = None) -> Optional[Entry[bytes]]:
        """Returns the value with its metadata, version and expiration, or ``None`` if there is none.

        >>> kv.put("user:1", "Ada", metadata={"plan": "free"}).ok
        True
        >>> entry = kv.get_entry("user:1")
        >>> entry.value, entry.metadata, entry.expiration
        (b'Ada', {'plan': 'free'}, None)
        """
        reply = self._read(key, cache_ttl)
        return None if reply is None else entry_of(reply, reply.body)

    def get_stream(self, key: str, *, cache_ttl: Optional[Ttl] = None) -> Optional[ValueStream]:
        """Returns the value as a binary file whose bytes are read as they come, or ``None`` if there is none.

        >>> kv.put("report", b"line 1\\nline 2\\n").ok
        True
        >>> with kv.get_stream("report") as stream:
        ...     list(stream)
        [b'line 1\\n', b'line 2\\n']
        """
        reply, stream = self._transport.stream(_read_path(key, cache_ttl), accept=(404,))
        if stream is None:
            raise_unless_missing(reply)
            return None
        stream._describe(entry_of(reply, None))
        return stream

    def get_many(self, keys: Sequence[str], *, cache_ttl: Optional[Ttl] = None) -> Dict[str, Optional[str]]:
        """Returns the values of many keys as text, with one request for each 100.

        >>> kv.put_many({"a": "1", "b": "2"})
        >>> kv.get_many(["a", "b", "c"])
        {'a': '1', 'b': '2', 'c': None}

        :raises InvalidError: "value_invalid" if a value is not UTF-8
        """
        # The server writes U+FFFD for bytes that are not UTF-8. A single read tells the difference.
        return self._read_many(
            keys,
            cache_ttl,
            with_metadata=False,
            exact=lambda key, value: self.get(key) if "\ufffd" in value else value,
        )

    def get_many_with_metadata(
        self, keys: Sequence[str], *, cache_ttl: Optional[Ttl] = None
    ) -> Dict[str, Optional[ValueWithMetadata]]:
        """Returns the values of many keys as text, with their metadata.

        >>> kv.put("a", "1", metadata=[7]).ok
        True
        >>> kv.get_many_with_metadata(["a"])
        {'a': ValueWithMetadata(value='1', metadata=[7])}

        :raises InvalidError: "value_invalid" if a value is not UTF-8
        """

        def exact(key: str, found: Any) -> Optional[ValueWithMetadata]:
            value, metadata = found["value"], found["metadata"]
            if "\ufffd" not in value:
                return ValueWithMetadata(value, metadata)
            entry = self.get_entry(key)
            return None if entry is None else ValueWithMetadata(text_of(key, entry.value), entry.metadata)

        return self._read_many(keys, cache_ttl, with_metadata=True, exact=exact)

    def _read(self, key: str, cache_ttl: Optional[Ttl]) -> Optional[Reply]:
        reply = self._transport.send("GET", _read_path(key, cache_ttl), accept=(404,))
        if reply.status != 404:
            return reply
        raise_unless_missing(reply)
        return None

    def _read_many(
        self,
        keys: Sequence[str],
        cache_ttl: Optional[Ttl],
        *,
        with_metadata: bool,
        exact: Callable[[str, Any], Any],
    ) -> Dict[str, Any]:
        if isinstance(keys, (str, bytes)):
            raise TypeError(f"keys is a list of keys, not {type(keys).__name__}")
        names = list(keys)
        for key in names:
            key_path(key)
        values: Dict[str, Any] = {}
        for start in range(0, len(names), BULK_KEYS_MAX):
            body = {
                "keys": names[start : start + BULK_KEYS_MAX],
                "type": "text",
                "withMetadata": with_metadata,
                "cacheTtl": ttl_seconds(cache_ttl, "cache_ttl"),
            }
            found = self._post("/bulk/get", body, safe=True)
            for key, value in found.items():
                values[key] = None if value is None else exact(key, value)
        return {key: values.get(key) for key in names}


def entry_of(reply: Reply, value: Any) -> Entry[Any]:
    """An entry as the headers of a response describe it."""
    metadata = reply.headers.get("CF-KV-Metadata")
    expiration = reply.headers.get("CF-Expiration")
    return Entry(
        value=value,
        # The header is raw UTF-8, which http.client decodes as Latin-1.
        metadata=None if metadata is None else json.loads(metadata.encode("latin-1")),
        version=version_of(reply) or 0,
        expiration=None if expiration is None else int(expiration),
    )


def _read_path(key: str, cache_ttl: Optional[Ttl]) -> str:
    return key_path(key) + query_text({"cache_ttl": ttl_seconds(cache_ttl, "cache_ttl")})
