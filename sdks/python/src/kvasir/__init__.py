"""Client of a Kvasir key-value store.

>>> from kvasir import Kvasir
>>> sessions = Kvasir("http://127.0.0.1:8788").namespace("sessions")  # doctest: +SKIP
>>> sessions.put("user:1", "Ada", ttl=3600)  # doctest: +SKIP
>>> sessions.get("user:1")  # doctest: +SKIP
'Ada'
"""

from .aio import AsyncAtomic, AsyncNamespace
from .aio_watch import AsyncWatch
from .atomic import Atomic
from .client import Kvasir
from .entry import Entry, ListedKey, ListPage, WriteResult
from .errors import AuthError, InvalidError, KvError, NamespaceNotFoundError, UnavailableError
from .namespace import Namespace
from .watch import Change, Watch

__all__ = [
    "AsyncAtomic",
    "AsyncNamespace",
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
    "UnavailableError",
    "Watch",
    "WriteResult",
]
