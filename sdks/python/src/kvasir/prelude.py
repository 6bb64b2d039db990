"""The names that a function has without importing them.

They work in a namespace that the environment names (``kvasir.client.namespace_from_environment``).
"""

from __future__ import annotations

import json
import math
import time
from typing import Any, Optional

from .aio import AsyncNamespace
from .client import namespace_from_environment
from .limits import EXPIRY_TTL_SECONDS_MIN
from .namespace import ListPage, WriteResult

_namespace: Optional[AsyncNamespace] = None


def _kv() -> AsyncNamespace:
    global _namespace
    if _namespace is None:
        _namespace = AsyncNamespace(namespace_from_environment())
    return _namespace


async def kv_get(key: str) -> Optional[str]:
    """The value as text, ``None`` when there is none."""
    return await _kv().get(key)


async def kv_put(key: str, value: Any, ttl: Optional[int] = None, **options: Any) -> WriteResult:
    """Writes a value. What is neither ``str`` nor ``bytes`` is written as JSON.

    :param ttl: seconds until it expires, at least 1 in a function
    """
    if not isinstance(value, (str, bytes, bytearray, memoryview)):
        value = json.dumps(value)
    return await _kv().put(key, value, ttl=ttl, **options)


async def kv_delete(key: str) -> None:
    """Removes an entry; that there is none is no error."""
    await _kv().delete(key)


async def kv_list(prefix: str = "", **options: Any) -> ListPage:
    """One page of keys; options as for :meth:`kvasir.Namespace.list`."""
    return await _kv().list(prefix, **options)


async def kv_put_with_expiry(key: str, value: Any, ttl_seconds: float) -> None:
    """Writes a value that :func:`kv_get_with_expiry` finds for so many seconds.

    The expiry is part of the value, ``{"value": ..., "expires_at": <milliseconds>}``, as programs for stores without
    TTLs keep it. The store forgets what nobody reads again, at the earliest after a minute.
    """
    expires_at = int(_now_ms() + ttl_seconds * 1000)
    ttl = max(EXPIRY_TTL_SECONDS_MIN, math.ceil(ttl_seconds))
    await _kv().put(key, json.dumps({"value": value, "expires_at": expires_at}), ttl=ttl)


async def kv_get_with_expiry(key: str) -> Any:
    """What :func:`kv_put_with_expiry` wrote, ``None`` when it is missing or past its expiry (it is then deleted).

    :raises ValueError: when the entry was not written so
    """
    entry = await _kv().get_entry(key)
    if entry is None:
        return None
    try:
        stored = json.loads(entry.value)
        value, expires_at = stored["value"], stored["expires_at"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"The value of {key!r} was not written by kv_put_with_expiry; read it with kv_get."
        ) from error
    if _now_ms() > expires_at:
        # Only this one: a newer value that came meanwhile stays.
        await _kv().delete(key, if_version=entry.version)
        return None
    return value


def _now_ms() -> float:
    return time.time() * 1000
