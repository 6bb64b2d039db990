"""Limits how often something happens for each key."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import asdict, dataclass
from typing import Any, Callable, Dict, Generic, Optional, Tuple, TypeVar, Union

from ..aio import AsyncNamespace
from ..namespace import Namespace
from .clock import Clock, RecoveringClock
from .counting import Counting, FixedWindow, MeteredEntry
from .errors import ContendedError, is_trouble, option_invalid
from .keys import client_key_parts, recipe_key
from .limits import (
    POLICY_NAME_LENGTH_MAX,
    RATE_LIMIT_MAX,
    REFUSED_KEYS_MAX,
    SPAN_SECONDS_MAX,
    STORE_RETRY_SECONDS,
)
from .meters import SlidingWindow, TokenBucket, Verdict
from .options import one_of, whole_number
from .steps import Steps, run, run_async

Kv = TypeVar("Kv", Namespace, AsyncNamespace)
OnStoreError = Union[str, Callable[[str], bool]]


@dataclass(frozen=True)
class RateLimitResult(Verdict):
    """The result of a check. The object itself is true or false."""

    #: "store"; "memory" for a rejection that this process remembers; "default" while the store is
    #: unavailable.
    source: str = "store"

    def __bool__(self) -> bool:
        return self.allowed


class _Limiter(Generic[Kv]):
    def __init__(
        self,
        kv: Kv,
        *,
        limit: int,
        window_seconds: int,
        algorithm: str = "sliding-window",
        name: str = "default",
        on_store_error: OnStoreError = "open",
        prefix: str = "rate-limit:",
        clock: Optional[Clock] = None,
        sleep: Optional[Callable[[float], Any]] = None,
    ):
        """
        :param limit: how much may be used in a window
        :param algorithm: "sliding-window" or "token-bucket" (two requests for a check), or "fixed-window" (one)
        :param name: in headers. Limits with different names are counted separately
        :param on_store_error: "open" allows, "closed" rejects, "throw" raises while the store is unavailable;
            or a function of the key
        :param prefix: the start of all keys
        :param clock: returns seconds since the epoch
        :raises InvalidError: "option_invalid", "key_too_long"
        """
        self._kv: Kv = kv
        self.limit = whole_number("limit", limit, 1, RATE_LIMIT_MAX)
        self.window_seconds = whole_number("window_seconds", window_seconds, 1, SPAN_SECONDS_MAX)
        self.name = _policy_name(name)
        self._prefix = prefix
        self._kind = f"{one_of('algorithm', algorithm, list(_METERS))}-{window_seconds}"
        self._fixed = algorithm == "fixed-window"
        if not callable(on_store_error):
            one_of("on_store_error", on_store_error, ("open", "closed", "throw"))
        self._on_store_error = on_store_error
        self._now_ms = RecoveringClock(clock).now_ms
        self._refusals = _Refusals()
        self._costs_more = False
        self._resets = 0
        meter = _METERS[algorithm]
        self._counting: Counting = (
            FixedWindow(limit, window_seconds, self._now_ms)
            if meter is None
            else MeteredEntry(meter(limit, window_seconds), self._now_ms, sleep)
        )
        # A prefix that is too long fails here instead of at a request.
        recipe_key(prefix, self.name, "sha256", "0" * 64, self._kind)

    def headers(self, result: RateLimitResult, style: str = "structured") -> Dict[str, str]:
        """Returns the headers that tell a client the result of a check.

        :param style: "structured" (RateLimit and RateLimit-Policy of draft-ietf-httpapi-ratelimit-headers),
            "separate" (RateLimit-Limit, -Remaining, -Reset of its version 6), "both" or "none"; a rejection
            always has Retry-After
        """
        one_of("style", style, ("separate", "structured", "both", "none"))
        headers = {} if result.allowed else {"Retry-After": str(result.retry_after_seconds)}
        if result.source == "default":  # The state of the client is unknown then.
            return headers
        if style in ("separate", "both"):
            headers["RateLimit-Limit"] = str(self.limit)
            headers["RateLimit-Remaining"] = str(result.remaining)
            headers["RateLimit-Reset"] = str(result.reset_seconds)
        if style in ("structured", "both"):
            escaped = self.name.replace("\\", "\\\\").replace('"', '\\"')
            # The draft requires that Retry-After is not before the end of `t`.
            left = result.reset_seconds if result.allowed else result.retry_after_seconds
            headers["RateLimit-Policy"] = f'"{escaped}";q={self.limit};w={self.window_seconds}'
            headers["RateLimit"] = f'"{escaped}";r={result.remaining};t={left}'
        return headers

    def _key(self, key: str) -> str:
        if not isinstance(key, str):
            raise option_invalid("key", key, "a str")
        return recipe_key(self._prefix, self.name, *client_key_parts(key), self._kind)

    def _check(self, key: str, cost: int) -> Steps[RateLimitResult]:
        whole_number("cost", cost, 1, self.limit)
        counter = self._key(key)
        # The time before the check: the duration of a rejection starts when it was decided, not when it
        # arrived.
        now = self._now_ms()
        known = self._refusals.verdict(counter, cost, now)
        if known is not None:
            return RateLimitResult(**asdict(known), source="memory")
        self._costs_more = self._costs_more or cost > 1
        resets = self._resets
        try:
            verdict = yield from self._counting.check(counter, cost)
        except Exception as error:
            if not is_trouble(error) and not isinstance(error, ContendedError):
                raise
            return self._without_store(key, cost, error)
        # With fixed windows a more expensive check may give back what caused this rejection.
        may_be_given_back = self._fixed and self._costs_more
        if not verdict.allowed and not may_be_given_back and resets == self._resets:
            self._refusals.note(counter, cost, verdict, now)
        return RateLimitResult(**asdict(verdict))

    def _peek(self, key: str) -> Steps[RateLimitResult]:
        return RateLimitResult(**asdict((yield from self._counting.peek(self._key(key)))))

    def _reset(self, key: str) -> Steps[None]:
        counter = self._key(key)
        try:
            yield from self._counting.reset(counter)
        finally:
            self._resets += 1
            self._refusals.forget(counter)

    def _without_store(self, key: str, cost: int, error: Exception) -> RateLimitResult:
        choice = self._on_store_error
        if choice == "throw":
            raise error
        allowed = choice(key) if callable(choice) else choice == "open"
        return RateLimitResult(
            allowed=allowed,
            limit=self.limit,
            remaining=self.limit - cost if allowed else 0,
            reset_seconds=self.window_seconds,
            retry_after_seconds=0 if allowed else STORE_RETRY_SECONDS,
            source="default",
        )


class RateLimiter(_Limiter[Namespace]):
    """Limits how often something happens for each key: a client's address, a user, a token.

    It is exact: of any number of concurrent checks, in any number of processes and languages, never more than
    the limit are allowed. Windows follow the caller's clock.

    >>> limiter = RateLimiter(kv, limit=100, window_seconds=60)  # doctest: +SKIP
    >>> if not limiter.check(user_id): return Response(status=429)  # doctest: +SKIP
    """

    def check(self, key: str, cost: int = 1) -> RateLimitResult:
        """Uses ``cost`` of the limit of ``key`` if that much is left. A rejected check uses nothing.

        A key may be any text, because clients choose it. While a rejected check is certain to be rejected
        again, repeating it costs no request.

        :raises KvError: with ``on_store_error="throw"``: "unavailable", "contended"
        """
        return run(self._kv, self._check(key, cost))

    def peek(self, key: str) -> RateLimitResult:
        """Returns the result of a check with cost 1, without using anything."""
        return run(self._kv, self._peek(key))

    def reset(self, key: str) -> None:
        """Restores the whole limit of a key."""
        run(self._kv, self._reset(key))


class AsyncRateLimiter(_Limiter[AsyncNamespace]):
    """:class:`RateLimiter` with methods to ``await``. They are documented there."""

    async def check(self, key: str, cost: int = 1) -> RateLimitResult:
        return await run_async(self._kv, self._check(key, cost))

    async def peek(self, key: str) -> RateLimitResult:
        return await run_async(self._kv, self._peek(key))

    async def reset(self, key: str) -> None:
        await run_async(self._kv, self._reset(key))


class _Refusals:
    """Remembers rejected checks while the same check is certain to be rejected again.

    So a client that keeps sending requests causes no requests to the store.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_key: "OrderedDict[str, Tuple[int, Verdict, int, int]]" = OrderedDict()

    def note(self, key: str, cost: int, verdict: Verdict, now_ms: int) -> None:
        # The seconds were rounded up, so the last second is not certain.
        until_ms = now_ms + (verdict.retry_after_seconds - 1) * 1000
        if until_ms <= now_ms:
            return
        with self._lock:
            self._by_key.pop(key, None)
            self._by_key[key] = (cost, verdict, now_ms, until_ms)
            if len(self._by_key) > REFUSED_KEYS_MAX:
                self._by_key.popitem(last=False)

    def verdict(self, key: str, cost: int, now_ms: int) -> Optional[Verdict]:
        """The result of a check with that cost, if it is certain."""
        with self._lock:
            refusal = self._by_key.get(key)
            if refusal is None:
                return None
            refused_cost, verdict, at_ms, until_ms = refusal
            # After the clock has stepped back it is unknown which rejections are over.
            if not at_ms <= now_ms < until_ms:
                del self._by_key[key]
                return None
        if cost < refused_cost:
            return None
        passed = (now_ms - at_ms) // 1000
        values = asdict(verdict)
        values["reset_seconds"] -= passed
        values["retry_after_seconds"] -= passed
        return Verdict(**values)

    def forget(self, key: str) -> None:
        with self._lock:
            self._by_key.pop(key, None)


def _policy_name(name: object) -> str:
    """The name becomes a string of a structured field, which must be printable ASCII."""
    fits = isinstance(name, str) and 1 <= len(name) <= POLICY_NAME_LENGTH_MAX
    if isinstance(name, str) and fits and all(" " <= character <= "~" for character in name):
        return name
    raise option_invalid("name", name, f"1 to {POLICY_NAME_LENGTH_MAX} characters of printable ASCII")


_METERS: Dict[str, Optional[Callable[[int, int], Any]]] = {
    "fixed-window": None,
    "sliding-window": SlidingWindow,
    "token-bucket": TokenBucket,
}
