"""Patterns that most programs on a key-value store need, correct when many clients use them at once.

Each is a class over a :class:`kvasir.Namespace`, with an ``Async`` one for asyncio. They use the keys and
formats of the recipes for TypeScript and Go, so services of different languages share their data.

>>> from kvasir.recipes import RateLimiter
>>> limiter = RateLimiter(kv, limit=100, window_seconds=60)  # doctest: +SKIP
>>> limiter.check("ada").allowed  # doctest: +SKIP
True
"""

from .cache import AsyncCache, Cache, CachedValue
from .decision import FlagDecision
from .errors import ContendedError, LockLostError, LockTimeoutError
from .flags import AsyncFlags, Flags, FlagSet, NamedFlag
from .lock import AsyncLease, AsyncLocks, Lease, Locks
from .rate_limit import AsyncRateLimiter, RateLimiter, RateLimitResult
from .sessions import AsyncSessions, ListedSession, Session, Sessions

__all__ = [
    "AsyncCache",
    "AsyncFlags",
    "AsyncLease",
    "AsyncLocks",
    "AsyncRateLimiter",
    "AsyncSessions",
    "Cache",
    "CachedValue",
    "ContendedError",
    "FlagDecision",
    "FlagSet",
    "Flags",
    "Lease",
    "ListedSession",
    "LockLostError",
    "LockTimeoutError",
    "Locks",
    "NamedFlag",
    "RateLimitResult",
    "RateLimiter",
    "Session",
    "Sessions",
]
