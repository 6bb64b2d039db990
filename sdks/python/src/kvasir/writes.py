"""Operations that write entries."""

from __future__ import annotations

from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from functools import partial
from typing import Any, BinaryIO, Callable, Dict, Iterable, List, Mapping, Optional, Union

from .arguments import Moment, Ttl, Value, epoch_seconds, json_text, key_path, query_text, ttl_seconds
from .arguments import flag, value_bytes, version_number, whole
from .entry import WriteResult
from .limits import PARALLEL_WRITES_MAX
from .namespace_requests import NamespaceRequests, raise_unless_missing, version_of
from .transport import HeaderValue, Reply
from .upload import Upload

#: A file that was opened in binary mode, or pieces of a value.
Source = Union[BinaryIO, Iterable[bytes]]


class Writes(NamespaceRequests):
    """The part of :class:`kvasir.Namespace` that writes entries."""

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

        >>> first = kv.put("leader", "a", if_absent=True)
        >>> kv.put("leader", "b", if_absent=True).ok
        False
        >>> kv.put("leader", "b", if_version=first.version).ok
        True

        :param value: text or bytes; use :meth:`put_json` for other types
        :param ttl: seconds until it expires, or a timedelta; at least 60 s
        :param expiration: when it expires, in seconds since the epoch, or a datetime with a time zone
        :param metadata: any JSON value of at most 1,024 bytes
        :param if_absent: writes only if the entry does not exist
        :param if_version: writes only if the entry has this version
        """
        path, headers = _put_request(key, ttl, expiration, metadata, if_absent, if_version)
        body = value_bytes(value)
        return _write_result(self._transport.send("PUT", path, body=body, headers=headers, accept=(412,)))

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

        >>> kv.put_json("point", [1, 2.5, None]).ok
        True
        >>> kv.get("point")
        '[1,2.5,null]'

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

    def put_stream(
        self,
        key: str,
        source: Source,
        *,
        ttl: Optional[Ttl] = None,
        expiration: Optional[Moment] = None,
        metadata: Any = None,
        if_absent: bool = False,
        if_version: Optional[int] = None,
    ) -> WriteResult:
        """Writes a value from a binary file or an iterable of bytes. It is never in memory as a whole.

        If the source raises, nothing is written. The request is not repeated. Otherwise it is like :meth:`put`.

        >>> import io
        >>> kv.put_stream("upload", io.BytesIO(b"a file")).ok
        True
        >>> kv.put_stream("upload", (b"piece" for _ in range(3))).ok
        True
        >>> kv.get("upload")
        'piecepiecepiece'
        """
        path, headers = _put_request(key, ttl, expiration, metadata, if_absent, if_version)
        upload = Upload(source)
        try:
            return _write_result(self._transport.send("PUT", path, body=upload, headers=headers, accept=(412,)))
        except Exception:
            upload.raise_own()
            raise

    def put_many(
        self,
        values: Mapping[str, Value],
        *,
        ttl: Optional[Ttl] = None,
        expiration: Optional[Moment] = None,
        metadata: Any = None,
    ) -> None:
        """Writes many values, some at a time. All get the same options.

        All keys and values are checked first. If a write fails, no further ones begin, and those before it stay.

        >>> kv.put_many({"a": "1", "b": b"2"}, ttl=3600)
        >>> kv.count()
        2
        """
        if not isinstance(values, Mapping):
            raise TypeError(f"values is a dict of keys and values, not {type(values).__name__}")
        for key, value in values.items():
            _put_request(key, ttl, expiration, metadata)
            value_bytes(value)
        put = partial(self.put, ttl=ttl, expiration=expiration, metadata=metadata)
        _in_parallel([partial(put, key, value) for key, value in values.items()])

    def delete(self, key: str, *, if_version: Optional[int] = None) -> WriteResult:
        """Deletes an entry. A missing entry is not an error.

        >>> kv.delete("nothing").ok
        True

        :param if_version: deletes only if the entry has this version
        """
        headers = _condition(False, if_version)
        return _write_result(self._transport.send("DELETE", key_path(key), headers=headers, accept=(412,)))

    def delete_many(self, keys: Iterable[str]) -> None:
        """Deletes many entries, some at a time. Missing entries are not errors.

        All keys are checked first. If a deletion fails, no further ones begin.

        >>> kv.put_many({"a": "1", "b": "2"})
        >>> kv.delete_many(["a", "b", "c"])
        >>> kv.count()
        0
        """
        if isinstance(keys, (str, bytes)):
            raise TypeError(f"keys is a list of keys, not {type(keys).__name__}")
        names = list(keys)
        for key in names:
            key_path(key)
        _in_parallel([partial(self.delete, key) for key in names])

    def increment(self, key: str, by: int = 1, *, ttl: Optional[Ttl] = None) -> int:
        """Adds to a counter atomically and returns the sum.

        >>> kv.increment("visits"), kv.increment("visits", 10), kv.increment("visits", -1)
        (1, 11, 10)

        :param ttl: seconds until it expires; applies if the counter is created
        :raises KvError: "value_not_integer" if the value is not a whole number
        """
        body = {"by": whole("by", by), "expirationTtl": ttl_seconds(ttl)}
        return int(self._post(f"{key_path(key)}/increment", body)["value"])

    def touch(self, key: str, *, ttl: Optional[Ttl] = None, expiration: Optional[Moment] = None) -> bool:
        """Changes the expiry of an entry without rewriting it. Without arguments it never expires.

        >>> kv.touch("nothing", ttl=3600)
        False

        :returns: whether the entry exists
        """
        body = {"expirationTtl": ttl_seconds(ttl), "expiration": epoch_seconds(expiration)}
        reply = self._post_reply(f"{key_path(key)}/touch", body, accept=(404,))
        if reply.status != 404:
            return True
        raise_unless_missing(reply)
        return False


def _put_request(
    key: str,
    ttl: Optional[Ttl],
    expiration: Optional[Moment],
    metadata: Any,
    if_absent: bool = False,
    if_version: Optional[int] = None,
) -> "tuple[str, Dict[str, HeaderValue]]":
    """Returns the path and the headers of a write."""
    headers: Dict[str, HeaderValue] = {"Content-Type": "application/octet-stream"}
    if metadata is not None:
        # DEL is the only character that JSON does not escape and that HTTP forbids.
        headers["CF-KV-Metadata"] = json_text(metadata).replace("\x7f", "\\u007f").encode()
    headers.update(_condition(if_absent, if_version))
    query = query_text({"expiration": epoch_seconds(expiration), "expiration_ttl": ttl_seconds(ttl)})
    return key_path(key) + query, headers


def _condition(if_absent: bool, if_version: Optional[int]) -> Dict[str, HeaderValue]:
    if flag("if_absent", if_absent) and if_version is not None:
        raise TypeError("Give if_absent or if_version, not both")
    if if_absent:
        return {"If-None-Match": "*"}
    return {} if if_version is None else {"If-Match": f'"{version_number(if_version)}"'}


def _write_result(reply: Reply) -> WriteResult:
    return WriteResult(reply.status != 412, version_of(reply))


def _in_parallel(operations: List[Callable[[], object]]) -> None:
    """Raises the first error. Operations that have not begun by then do not begin."""
    if not operations:
        return
    with ThreadPoolExecutor(min(PARALLEL_WRITES_MAX, len(operations)), "kvasir-many") as threads:
        futures = [threads.submit(operation) for operation in operations]
        wait(futures, return_when=FIRST_EXCEPTION)
        for future in futures:
            future.cancel()
    for future in futures:
        if not future.cancelled():
            future.result()
