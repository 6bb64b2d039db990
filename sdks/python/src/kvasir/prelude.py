"""The names that a function can use without importing them.

They use the namespace from the environment (``kvasir.client.namespace_from_environment``).
"""

from __future__ import annotations

from typing import Any, Optional

from . import expiry
from .aio import AsyncNamespace
from .arguments import Moment, Ttl, json_text
from .client import namespace_from_environment
from .entry import ListPage, WriteResult, text_of

_namespace: Optional[AsyncNamespace] = None


def _kv() -> AsyncNamespace:
    global _namespace
    if _namespace is None:
        _namespace = AsyncNamespace(namespace_from_environment())
    return _namespace


async def kv_get(key: str) -> Optional[str]:
    """Returns the value as text, or ``None`` if there is none."""
    return await _kv().get(key)


async def kv_put(
    key: str,
    value: Any,
    ttl: Optional[Ttl] = None,
    *,
    expiration: Optional[Moment] = None,
    metadata: Any = None,
    if_absent: bool = False,
    if_version: Optional[int] = None,
) -> WriteResult:
    """Writes a value. Values other than ``str`` and ``bytes`` are written as JSON.

    :param ttl: seconds until it expires, or a timedelta; at least 1 s in a function
    """
    if not isinstance(value, (str, bytes, bytearray, memoryview)):
        value = json_text(value)
    return await _kv().put(
        key,
        value,
        ttl=ttl,
        expiration=expiration,
        metadata=metadata,
        if_absent=if_absent,
        if_version=if_version,
    )


async def kv_delete(key: str) -> None:
    """Deletes an entry. A missing entry is not an error."""
    await _kv().delete(key)


async def kv_list(
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
    """Returns one page of keys. Options are as for :meth:`kvasir.Namespace.list`."""
    return await _kv().list(
        prefix,
        limit=limit,
        cursor=cursor,
        start=start,
        end=end,
        reverse=reverse,
        values=values,
        versions=versions,
    )


async def kv_put_with_expiry(key: str, value: Any, ttl_seconds: expiry.Lifetime) -> None:
    """Writes a value that :func:`kv_get_with_expiry` returns for this many seconds.

    The expiry is part of the value, ``{"value": ..., "expires_at": <milliseconds>}``, as in programs for stores
    without TTLs. The entry also expires in the store, after at least a minute.
    """
    await _kv().put(key, expiry.text_of(value, ttl_seconds), ttl=expiry.store_ttl(ttl_seconds))


async def kv_get_with_expiry(key: str) -> Any:
    """Returns a value of :func:`kv_put_with_expiry`, or ``None`` if it is missing or has expired.

    An expired value is deleted. Any other stored text is returned as :func:`kv_get` returns it, and never deleted.
    """
    entry = await _kv().get_entry(key)
    if entry is None:
        return None
    found = expiry.read(text_of(key, entry.value))
    if found.expired:
        # Only this version: a newer value that was written meanwhile stays.
        await _kv().delete(key, if_version=entry.version)
        return None
    return found.value
