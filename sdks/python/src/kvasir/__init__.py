"""Client of a Kvasir key-value store.

>>> from kvasir import Kvasir
>>> sessions = Kvasir(url).namespace(namespace_id)  # url is "http://127.0.0.1:8788" or so
>>> sessions.put("user:1", "Ada", ttl=3600).ok
True
>>> sessions.get("user:1")
'Ada'
"""

from .aio import AsyncAtomic, AsyncNamespace
from .aio_value_stream import AsyncValueStream
from .aio_watch import AsyncWatch
from .atomic import Atomic
from .client import Kvasir, namespace_from_environment
from .entry import Entry, ListedKey, ListPage, ValueWithMetadata, WriteResult
from .errors import (
    AuthError,
    InvalidError,
    KvError,
    NamespaceNotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    StorageError,
    UnavailableError,
    WatchBehindError,
)
from .namespace import Namespace
from .value_stream import ValueStream
from .watch import Change, Watch

__all__ = [
    "AsyncAtomic",
    "AsyncNamespace",
    "AsyncValueStream",
    "AsyncWatch",
    "Atomic",
    "AuthError",
    "Change",
    "Entry",
    "InvalidError",
    "KvError",
    "Kvasir",
    "ListPage",
    "ListedKey",
    "Namespace",
    "NamespaceNotFoundError",
    "OutcomeUnknownError",
    "RateLimitedError",
    "StorageError",
    "UnavailableError",
    "ValueStream",
    "ValueWithMetadata",
    "Watch",
    "WatchBehindError",
    "WriteResult",
    "namespace_from_environment",
]
