"""Client of a Kvasir key-value store.

>>> from kvasir import Kvasir
>>> sessions = Kvasir("http://127.0.0.1:8788").namespace("sessions")  # doctest: +SKIP
>>> sessions.put("user:1", "Ada", ttl=3600)  # doctest: +SKIP
>>> sessions.get("user:1")  # doctest: +SKIP
'Ada'
"""

from .aio import AsyncNamespace
from .atomic import Atomic
from .client import Kvasir
from .errors import KvError
from .namespace import Entry, ListedKey, ListPage, Namespace, WriteResult

__all__ = [
    "AsyncNamespace",
    "Atomic",
    "Entry",
    "KvError",
    "Kvasir",
    "ListPage",
    "ListedKey",
    "Namespace",
    "WriteResult",
]
