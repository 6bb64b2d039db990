"""The names that a function has without importing them.

They work in a namespace that the environment names (``kvasir.client.namespace_from_environment``).
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
    """The value as text, ``None`` when there is none."""
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
    """Writes a value. What is neither ``str`` nor ``bytes`` is written as JSON.

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
    """Removes an entry; that there is none is no error."""
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
    """One page of keys; options as for :meth:`kvasir.Namespace.list`."""
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
    """Writes a value that :func:`kv_get_with_expiry` finds for so many seconds.

    The expiry is part of the value, ``{"value": ..., "expires_at": <milliseconds>}``, as programs for stores without
    TTLs keep it. The store forgets what nobody reads again, at the earliest after a minute.
    """
    await _kv().put(key, expiry.text_of(value, ttl_seconds), ttl=expiry.store_ttl(ttl_seconds))


async def kv_get_with_expiry(key: str) -> Any:
    """What :func:`kv_put_with_expiry` wrote, ``None`` when it is missing or past its expiry (it is then deleted).

    Everything else that is stored under the key is returned as :func:`kv_get` returns it, and never deleted.
    """
    entry = await _kv().get_entry(key)
    if entry is None:
        return None
    found = expiry.read(text_of(key, entry.value))
    if found.expired:
        # Only this one: a newer value that came meanwhile stays.
        await _kv().delete(key, if_version=entry.version)
        return None
    return found.value
