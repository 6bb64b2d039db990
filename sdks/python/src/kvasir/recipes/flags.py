"""Feature flags: on or off, by percentage, for some users, by attribute, in variants."""

from __future__ import annotations

import copy
import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Callable, Dict, Generic, List, Mapping, Optional, Sequence, Tuple, TypeVar

from ..aio import AsyncNamespace
from ..entry import Entry, ListPage, text_of
from ..errors import InvalidError, KvError
from ..namespace import Namespace
from .clock import Clock, RecoveringClock
from .decision import FlagDecision, World, decide
from .errors import is_trouble, option_invalid
from .flag_conditions import FlagUser, Segments, parse_segments
from .flag_definition import Flag, parse_flag
from .keys import json_text, key_part, recipe_key, unusable
from .limits import REMEMBERED_FLAGS_MAX, REQUIRED_LEVELS_MAX, SPAN_SECONDS_MAX
from .options import number_between, one_of
from .steps import Request, Steps, run, run_async

Kv = TypeVar("Kv", Namespace, AsyncNamespace)


@dataclass(frozen=True)
class NamedFlag:
    """A stored definition."""

    name: str
    definition: Dict[str, Any]
    #: Pass it to ``update``.
    version: int


class FlagSet:
    """Flags that were read together and can be evaluated without waiting, for example during one request."""

    def __init__(self, flags: Mapping[str, Tuple[Optional[Flag], str]], segments: Segments):
        self._flags = flags
        self._world = World(segments, lambda name: flags.get(name, (None, ""))[0])

    def evaluate(self, name: str, user: Optional[FlagUser] = None) -> FlagDecision:
        """A flag that was not among the names counts as missing."""
        flag, source = self._flags.get(name, (None, "default"))
        return decide(name, flag, user, source, self._world)

    def is_enabled(self, name: str, user: Optional[FlagUser] = None, otherwise: bool = False) -> bool:
        """:param otherwise: for a missing flag. One that is off for the user stays off"""
        decision = self.evaluate(name, user)
        return otherwise if decision.reason == "missing" else decision.enabled

    def variant(
        self, name: str, user: Optional[FlagUser] = None, otherwise: Optional[str] = None
    ) -> Optional[str]:
        """:param otherwise: if the flag is missing, off for the user, or has no variants"""
        found = self.evaluate(name, user).variant
        return otherwise if found is None else found

    def value(self, name: str, user: Optional[FlagUser] = None, otherwise: Any = None) -> Any:
        """:param otherwise: if there is no value of its JSON type. ``None`` takes a value of any type"""
        found = self.evaluate(name, user).value
        if found is None or (otherwise is not None and _kind(found) != _kind(otherwise)):
            return otherwise
        return copy.deepcopy(found)


class _Flags(Generic[Kv]):
    def __init__(
        self,
        kv: Kv,
        *,
        defaults: Optional[Mapping[str, Mapping[str, Any]]] = None,
        segments: Optional[Mapping[str, Sequence[Mapping[str, Any]]]] = None,
        cache_ttl_seconds: float = 0,
        on_store_error: str = "last-known",
        prefix: str = "flag:",
        clock: Optional[Clock] = None,
    ):
        """
        :param defaults: definitions of flags that are not stored. A stored definition replaces its default
            completely
        :param segments: groups of users that rules name, such as
            ``{"staff": [{"email": {"endsWith": "@example.com"}}]}``. A user is in a group if one of its
            alternatives holds
        :param cache_ttl_seconds: how long a definition is kept in memory. This object sees its own changes at
            once
        :param on_store_error: of reads while the store is unavailable: "last-known" decides by the definition
            that was read last, otherwise by the defaults; "throw" raises
        :param prefix: the start of all keys
        :param clock: returns seconds since the epoch
        :raises InvalidError: "option_invalid"
        """
        self._kv: Kv = kv
        self._defaults = {name: parse_flag(name, definition) for name, definition in (defaults or {}).items()}
        self._segments = parse_segments(segments or {})
        ttl_ms = number_between("cache_ttl_seconds", cache_ttl_seconds, 0, SPAN_SECONDS_MAX) * 1000
        self._remembered = _Remembered(ttl_ms, RecoveringClock(clock).now_ms)
        one_of("on_store_error", on_store_error, ("last-known", "throw"))
        self._throws = on_store_error == "throw"
        self._prefix = prefix

    def _load(self, names: Sequence[str]) -> Steps[FlagSet]:
        found: Dict[str, Tuple[Optional[Flag], str]] = {}
        unread = list(dict.fromkeys(names))
        for _ in range(REQUIRED_LEVELS_MAX + 1):
            if not unread:
                break
            yield from self._read_into(found, unread)
            flags = [found[name][0] for name in unread]
            required = dict.fromkeys(name for flag in flags if flag is not None for name in flag.requires)
            unread = [name for name in required if name not in found]
        return FlagSet(found, self._segments)

    def _read_into(
        self, found: Dict[str, Tuple[Optional[Flag], str]], names: Sequence[str]
    ) -> Steps[None]:
        keys: Dict[str, str] = {}
        for name in names:
            known = self._remembered.get(name)
            if known is None:
                keys[name] = recipe_key(self._prefix, name)
            else:
                found[name] = self._known(name, known.flag, "memory")
        if not keys:
            return
        reading = self._remembered.begin()
        try:
            texts: Dict[str, Optional[str]] = {}
            if len(keys) == 1:
                (key,) = keys.values()
                texts[key] = yield Request("get", key)
            else:
                texts = yield Request("get_many", list(keys.values()))
        except KvError as error:
            if self._throws or not is_trouble(error):
                raise
            for name in keys:
                last = self._remembered.last_known(name)
                found[name] = self._known(name, last.flag if last else None, "memory" if last else "default")
            return
        for name, key in keys.items():
            text = texts[key]
            flag = None if text is None else _parse(name, text)[1]
            self._remembered.set(name, flag, reading)
            found[name] = self._known(name, flag, "store")

    def _known(self, name: str, flag: Optional[Flag], source: str) -> Tuple[Optional[Flag], str]:
        return (flag or self._defaults.get(name), source)

    def _evaluate(self, name: str, user: Optional[FlagUser]) -> Steps[FlagDecision]:
        return (yield from self._load([name])).evaluate(name, user)

    def _is_enabled(self, name: str, user: Optional[FlagUser], otherwise: bool) -> Steps[bool]:
        return (yield from self._load([name])).is_enabled(name, user, otherwise)

    def _variant(self, name: str, user: Optional[FlagUser], otherwise: Optional[str]) -> Steps[Optional[str]]:
        return (yield from self._load([name])).variant(name, user, otherwise)

    def _value(self, name: str, user: Optional[FlagUser], otherwise: Any) -> Steps[Any]:
        return (yield from self._load([name])).value(name, user, otherwise)

    def _get(self, name: str) -> Steps[Optional[NamedFlag]]:
        key = recipe_key(self._prefix, name)
        entry: Optional[Entry[bytes]] = yield Request("get_entry", key)
        if entry is None:
            return None
        return NamedFlag(name, _parse(name, text_of(key, entry.value))[0], entry.version)

    def _list(self) -> Steps[List[NamedFlag]]:
        flags: List[NamedFlag] = []
        cursor: Optional[str] = None
        while True:
            page: ListPage = yield Request("list", self._prefix, cursor=cursor, values=True, versions=True)
            for key in page.keys:
                name = key_part(key.name[len(self._prefix) :])
                flags.append(NamedFlag(name, _parse(name, key.value or "")[0], key.version or 0))
            cursor = page.cursor
            if cursor is None:
                return flags

    def _set(self, name: str, definition: Mapping[str, Any]) -> Steps[None]:
        key, text = recipe_key(self._prefix, name), self._text(name, definition)
        yield from self._write(name, Request("put", key, text))

    def _update(self, name: str, definition: Mapping[str, Any], version: Optional[int]) -> Steps[int]:
        key, text = recipe_key(self._prefix, name), self._text(name, definition)
        condition = {"if_absent": True} if version is None else {"if_version": version}
        written = yield from self._write(name, Request("put", key, text, **condition))
        if written.ok:
            return int(written.version)
        raise KvError(
            "condition_failed",
            f"The flag {name!r} was changed by somebody else.",
            hint="Read it again with get(), look at what changed, and update that version.",
        )

    def _text(self, name: str, definition: Mapping[str, Any]) -> str:
        for rule in parse_flag(name, definition).rules:
            for segment in rule.segments or ():
                if segment not in self._segments:
                    what = f"segment of the flag {name!r}"
                    raise option_invalid(what, segment, "names of the option segments")
        return json_text(definition, f"The flag {name!r}")

    def _delete(self, name: str) -> Steps[None]:
        yield from self._write(name, Request("delete", recipe_key(self._prefix, name)))

    def _write(self, name: str, request: Request) -> Steps[Any]:
        try:
            return (yield request)
        finally:
            # Also after an error: if the response was lost, the change may have been made.
            self._remembered.forget(name)


class Flags(_Flags[Namespace]):
    """Feature flags. A user's result is the same in every process and language.

    >>> features = Flags(kv, cache_ttl_seconds=10)  # doctest: +SKIP
    >>> features.set("new-checkout", {"rollout": 10, "allow": ["ada"]})  # doctest: +SKIP
    >>> features.is_enabled("new-checkout", user_id)  # doctest: +SKIP
    """

    def is_enabled(self, name: str, user: Optional[FlagUser] = None, otherwise: bool = False) -> bool:
        """Whether the user has the flag, or ``otherwise`` if the flag does not exist. At most one request.

        :param user: an id, or ``{"id": …}`` with the attributes that rules check
        """
        return run(self._kv, self._is_enabled(name, user, otherwise))

    def variant(
        self, name: str, user: Optional[FlagUser] = None, otherwise: Optional[str] = None
    ) -> Optional[str]:
        """Returns the user's variant, or ``otherwise`` if there is none. At most one request."""
        return run(self._kv, self._variant(name, user, otherwise))

    def value(self, name: str, user: Optional[FlagUser] = None, otherwise: Any = None) -> Any:
        """Returns the user's value, or ``otherwise`` if there is none of its JSON type. One request at most, and
        one for each level of flags that the flag requires."""
        return run(self._kv, self._value(name, user, otherwise))

    def evaluate(self, name: str, user: Optional[FlagUser] = None) -> FlagDecision:
        """Returns the decision and its reason. At most one request."""
        return run(self._kv, self._evaluate(name, user))

    def load(self, names: Sequence[str]) -> FlagSet:
        """Reads several flags. One request for each hundred that are not in memory."""
        return run(self._kv, self._load(names))

    def get(self, name: str) -> Optional[NamedFlag]:
        """Returns the stored definition."""
        return run(self._kv, self._get(name))

    def list(self) -> List[NamedFlag]:
        """Returns all stored flags, by name."""
        return run(self._kv, self._list())

    def set(self, name: str, definition: Mapping[str, Any]) -> None:
        """Stores a definition unconditionally: a dict with "enabled", "rollout" (0 to 100), "allow", "deny",
        "rules", "variants", "value", "values", "bucketBy", "requires" and "description", all optional.

        :raises InvalidError: "option_invalid" for an unknown member or a value of the wrong kind
        """
        run(self._kv, self._set(name, definition))

    def update(self, name: str, definition: Mapping[str, Any], *, version: Optional[int]) -> int:
        """Stores a definition if the flag has not changed since it was read. Returns the new version.

        :param version: as read; ``None`` if there is none yet
        :raises KvError: "condition_failed" if it has changed
        """
        return run(self._kv, self._update(name, definition, version))

    def delete(self, name: str) -> None:
        """Deletes the stored definition. The default one applies then."""
        run(self._kv, self._delete(name))


class AsyncFlags(_Flags[AsyncNamespace]):
    """:class:`Flags` with methods to ``await``. They are documented there."""

    async def is_enabled(self, name: str, user: Optional[FlagUser] = None, otherwise: bool = False) -> bool:
        return await run_async(self._kv, self._is_enabled(name, user, otherwise))

    async def variant(
        self, name: str, user: Optional[FlagUser] = None, otherwise: Optional[str] = None
    ) -> Optional[str]:
        return await run_async(self._kv, self._variant(name, user, otherwise))

    async def value(self, name: str, user: Optional[FlagUser] = None, otherwise: Any = None) -> Any:
        return await run_async(self._kv, self._value(name, user, otherwise))

    async def evaluate(self, name: str, user: Optional[FlagUser] = None) -> FlagDecision:
        return await run_async(self._kv, self._evaluate(name, user))

    async def load(self, names: Sequence[str]) -> FlagSet:
        return await run_async(self._kv, self._load(names))

    async def get(self, name: str) -> Optional[NamedFlag]:
        return await run_async(self._kv, self._get(name))

    async def list(self) -> List[NamedFlag]:
        return await run_async(self._kv, self._list())

    async def set(self, name: str, definition: Mapping[str, Any]) -> None:
        await run_async(self._kv, self._set(name, definition))

    async def update(self, name: str, definition: Mapping[str, Any], *, version: Optional[int]) -> int:
        return await run_async(self._kv, self._update(name, definition, version))

    async def delete(self, name: str) -> None:
        await run_async(self._kv, self._delete(name))


@dataclass(frozen=True)
class _Known:
    #: ``None``: the flag is not stored.
    flag: Optional[Flag]
    until_ms: float


class _Remembered:
    """Flags that were read. Missing ones too, because most reads of unused flags find nothing."""

    def __init__(self, ttl_ms: float, now_ms: Callable[[], int]):
        self._ttl_ms = ttl_ms
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._changes = 0
        self._known: "OrderedDict[str, _Known]" = OrderedDict()

    def get(self, name: str) -> Optional[_Known]:
        known = self.last_known(name)
        return known if known is not None and self._now_ms() < known.until_ms else None

    def last_known(self, name: str) -> Optional[_Known]:
        with self._lock:
            return self._known.get(name)

    def begin(self) -> Tuple[int, int]:
        """Call it before a read, and pass the result to ``set``."""
        return self._now_ms(), self._changes

    def set(self, name: str, flag: Optional[Flag], reading: Tuple[int, int]) -> None:
        at_ms, changes = reading
        with self._lock:
            # The result may miss a change that this process has made since the read began.
            if changes != self._changes:
                return
            self._known.pop(name, None)
            self._known[name] = _Known(flag, at_ms + self._ttl_ms)
            if len(self._known) > REMEMBERED_FLAGS_MAX:
                self._known.popitem(last=False)

    def forget(self, name: str) -> None:
        with self._lock:
            self._changes += 1
            self._known.pop(name, None)


def _kind(value: Any) -> str:
    """The JSON type of a value."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, (list, tuple)):
        return "array"
    return "string" if isinstance(value, str) else "object"


def _parse(name: str, text: str) -> Tuple[Dict[str, Any], Flag]:
    try:
        definition: Dict[str, Any] = json.loads(text)
        return definition, parse_flag(name, definition)
    except (ValueError, InvalidError) as error:
        hint = "Write it again with set(), or give the flags a prefix that nothing else uses."
        raise unusable(f"What is stored as the flag {name!r} is not a flag: {error}", hint) from error
