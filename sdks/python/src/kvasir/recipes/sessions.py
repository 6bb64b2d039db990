"""Sessions: an unguessable id for the browser, and the data of its user in a namespace."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Dict, Generic, List, Optional, Set, TypeVar, Union

from ..aio import AsyncNamespace
from ..entry import ListPage
from ..errors import KvError
from ..namespace import Namespace
from .clock import Clock, RecoveringClock
from .contention import Done, until_uncontended
from .errors import contended, is_trouble, option_invalid
from .limits import (
    LAST_RENEWAL_MS_MIN,
    LISTED_SESSIONS_MAX,
    REVOKE_PASSES_MAX,
    SESSIONS_PER_COMMIT_MAX,
    SPAN_SECONDS_MAX,
    STORE_TTL_SECONDS_MIN,
)
from .options import nonempty_text, number_between, one_of, whole_number
from .session_record import (
    SessionKeys,
    SessionRecord,
    SessionSpans,
    handle_of,
    index_ttl_seconds,
    is_handle,
    new_session_id,
)
from .steps import Changes, Commit, Request, Steps, run, run_async

Kv = TypeVar("Kv", Namespace, AsyncNamespace)


@dataclass(frozen=True)
class Session:
    """A session as it was when it was read."""

    #: The secret in the cookie. The store has only its hash.
    id: str
    #: Identifies the session where the id must stay secret: in a user's list of devices, in a log.
    handle: str
    #: Any JSON value.
    data: Any
    user_id: Optional[str]
    #: Milliseconds since the epoch.
    created_ms: int
    #: When it ends even if it is used.
    ends_ms: int
    #: When it ends unless it is used before.
    expires_ms: int
    #: Whether this read prolonged it. A cookie with a Max-Age then has to be sent again.
    renewed: bool
    #: The version for ``update``. ``None`` if ``update`` has to read first.
    version: Optional[int]
    #: How long it may be unused, in seconds.
    idle_seconds: float
    #: Whether its cookie survives a restart of the browser. ``None``: as the program does for all.
    persistent: Optional[bool]
    _own_idle_ms: Optional[int] = field(default=None, repr=False)


@dataclass(frozen=True)
class ListedSession:
    """One of a user's sessions.

    It does not contain the id, so a list cannot be used to take over a session.
    """

    handle: str
    data: Any
    created_ms: int


@dataclass(frozen=True)
class _Stored:
    record: SessionRecord
    version: Optional[int]
    expires_ms: int


Target = Union[str, Session]
Change = Callable[[Any], Any]


class _Sessions(Generic[Kv]):
    def __init__(
        self,
        kv: Kv,
        *,
        idle_seconds: int = 86_400,
        lifetime_seconds: Optional[int] = None,
        renew_share: float = 0.1,
        on_store_error: str = "throw",
        prefix: str = "session:",
        clock: Optional[Clock] = None,
        sleep: Optional[Callable[[float], Any]] = None,
    ):
        """
        :param idle_seconds: a session ends if it is not used for this long, at least 60 s
        :param lifetime_seconds: it ends this long after its creation or last login, even if it is used; 30
            days if not given, or ``idle_seconds`` if that is longer
        :param renew_share: a read prolongs the session only if this share of the idle time has passed since
            the last prolongation, so that most reads write nothing
        :param on_store_error: of reads while the store is unavailable: "throw", or "anonymous" for no session
        :param prefix: the start of all keys
        :param clock: returns seconds since the epoch
        :raises InvalidError: "option_invalid"
        """
        self._kv: Kv = kv
        low, high = STORE_TTL_SECONDS_MIN, SPAN_SECONDS_MAX
        self.idle_seconds = whole_number("idle_seconds", idle_seconds, low, high)
        if lifetime_seconds is None:
            lifetime_seconds = max(2_592_000, idle_seconds)
        whole_number("lifetime_seconds", lifetime_seconds, low, high)
        self._spans = SessionSpans(idle_seconds * 1000, lifetime_seconds * 1000)
        self._renew_ms = number_between("renew_share", renew_share, 0, 1) * idle_seconds * 1000
        self._anonymous = one_of("on_store_error", on_store_error, ("throw", "anonymous")) == "anonymous"
        self._keys = SessionKeys(prefix)
        self._now_ms = RecoveringClock(clock).now_ms
        self._sleep = sleep

    def _login(
        self, idle_seconds: Optional[int], persistent: Optional[bool]
    ) -> Callable[[SessionRecord, int], SessionRecord]:
        """Checks what a login chooses. Returns what restarts the lifetime of a session."""
        idle_ms: Optional[int] = None
        if idle_seconds is not None:
            low, high = STORE_TTL_SECONDS_MIN, SPAN_SECONDS_MAX
            idle_ms = whole_number("idle_seconds", idle_seconds, low, high) * 1000
        if persistent is not None and not isinstance(persistent, bool):
            raise option_invalid("persistent", persistent, "True or False")
        ends_in = self._spans.lifetime_of(idle_ms)
        return lambda record, now: replace(
            record, created_ms=now, ends_ms=now + ends_in, idle_ms=idle_ms, persistent=persistent
        )

    def _create(
        self, data: Any, user_id: Optional[str], idle_seconds: Optional[int], persistent: Optional[bool]
    ) -> Steps[Session]:
        if user_id is not None:
            nonempty_text("user_id", user_id)
        login = self._login(idle_seconds, persistent)
        session_id = new_session_id()
        handle = handle_of(session_id) or ""
        now = self._now_ms()
        record = login(SessionRecord(now, now, data, user_id), now)
        version: int = yield Commit(lambda changes: self._insert(changes, handle, record, now))
        return self._session(session_id, handle, self._stored(record, version, now))

    def _get(self, session_id: str) -> Steps[Optional[Session]]:
        handle = handle_of(session_id)
        if handle is None:
            return None
        try:
            stored = yield from self._read(handle)
            if stored is None or not self._is_due(stored):
                return None if stored is None else self._session(session_id, handle, stored)
            now = self._now_ms()
            ttl = self._spans.ttl_seconds(stored.record, now)
            if not (yield Request("touch", self._keys.session(handle), ttl=ttl)):
                return None
        except KvError as error:
            if self._anonymous and is_trouble(error):
                return None
            raise
        # Without a version: the data may have changed between the read and the touch, and a write conditional
        # on the touch's version would undo that change.
        return self._session(session_id, handle, self._stored(stored.record, None, now), renewed=True)

    def _update(self, target: Target, change: Change) -> Steps[Optional[Session]]:
        def attempt(session_id: str, handle: str, stored: _Stored) -> Steps[Optional[Session]]:
            record = stored.record.with_data(change(stored.record.data))
            if stored.version is None:
                return None
            now = self._now_ms()
            written = yield Request(
                "put",
                self._keys.session(handle),
                record.text(),
                ttl=self._spans.ttl_seconds(record, now),
                if_version=stored.version,
            )
            return (
                self._session(session_id, handle, self._stored(record, written.version, now))
                if written.ok
                else None
            )

        return self._change(target, attempt)

    def _rotate(
        self,
        target: Target,
        user_id: Optional[str],
        change: Optional[Change],
        idle_seconds: Optional[int],
        persistent: Optional[bool],
    ) -> Steps[Optional[Session]]:
        if user_id is not None:
            nonempty_text("user_id", user_id)
        login = self._login(idle_seconds, persistent)
        new_id = new_session_id()
        new_handle = handle_of(new_id) or ""

        def attempt(session_id: str, handle: str, stored: _Stored) -> Steps[Optional[Session]]:
            before, version, now = stored.record, stored.version, self._now_ms()
            if version is None:
                return None
            record = before if change is None else before.with_data(change(before.data))
            if user_id is not None:
                record = login(replace(record, user_id=user_id), now)

            def add(changes: Changes) -> None:
                changes.check(self._keys.session(handle), version)
                self._remove(changes, handle, before.user_id)
                self._insert(changes, new_handle, record, now)

            moved: Optional[int] = yield Commit(add)
            return (
                None if moved is None else self._session(new_id, new_handle, self._stored(record, moved, now))
            )

        return self._change(target, attempt)

    def _revoke(self, target: Target) -> Steps[None]:
        if isinstance(target, Session):
            handle, user_id = target.handle, target.user_id
        else:
            found = handle_of(target)
            stored = None if found is None else (yield from self._find(found))
            if found is None or stored is None:
                return
            handle, user_id = found, stored.record.user_id
        yield Commit(lambda changes: self._remove(changes, handle, user_id))

    def _revoke_listed(self, user_id: str, handle: str) -> Steps[bool]:
        nonempty_text("user_id", user_id)
        # A client sends the handle, so it must have the right form before it becomes part of a key.
        if not is_handle(handle) or (yield Request("get", self._keys.indexed(user_id, handle))) is None:
            return False
        yield Commit(lambda changes: self._remove(changes, handle, user_id))
        return True

    def _revoke_all(self, user_id: str, keep: Optional[Target]) -> Steps[None]:
        nonempty_text("user_id", user_id)
        kept = keep.handle if isinstance(keep, Session) else handle_of(keep)
        ended: Set[str] = set()
        # A session that gets a new id while its old one is listed appears under the new id in the next pass.
        # So only a pass that finds none proves that none is left.
        for _ in range(REVOKE_PASSES_MAX):
            found = [
                handle
                for handle in (yield from self._handles_of(user_id))
                if handle != kept and handle not in ended
            ]
            if not found:
                return
            yield from self._remove_all(user_id, found)
            ended.update(found)
        raise contended("the user", "New sessions of this user kept coming while all were revoked.")

    def _list(self, user_id: str) -> Steps[List[ListedSession]]:
        nonempty_text("user_id", user_id)
        handles = yield from self._handles_of(user_id)
        texts: Dict[str, Optional[str]] = {}
        if handles:
            texts = yield Request("get_many", [self._keys.session(handle) for handle in handles])
        found, missing = [], []
        for handle in handles:
            text = texts[self._keys.session(handle)]
            if text is None:
                missing.append(handle)
                continue
            record = SessionRecord.parse(text)
            if self._now_ms() < self._spans.end_ms(record):
                found.append(ListedSession(handle, record.data, record.created_ms))
        yield from self._remove_all(user_id, missing)
        return sorted(found, key=lambda session: session.created_ms)

    def _change(
        self, target: Target, attempt: Callable[[str, str, _Stored], Steps[Optional[Session]]]
    ) -> Steps[Optional[Session]]:
        session_id = target.id if isinstance(target, Session) else target
        handle = handle_of(session_id)
        if handle is None:
            return None
        known = _stored_of(target) if isinstance(target, Session) and target.version is not None else None

        def once() -> Steps[Optional[Done[Optional[Session]]]]:
            nonlocal known
            stored = self._alive(known) if known is not None else (yield from self._read(handle))
            known = None
            if stored is None:
                return Done(None)
            changed = yield from attempt(session_id, handle, stored)
            return None if changed is None else Done(changed)

        return (yield from until_uncontended("the session", once, self._sleep))

    def _find(self, handle: str) -> Steps[Optional[_Stored]]:
        name = self._keys.session(handle)
        # A list of one entry, because only a list returns value, version and expiry of this key in one
        # request in all languages.
        page: ListPage = yield Request("list", name, limit=1, values=True, versions=True)
        entry = page.keys[0] if page.keys else None
        if entry is None or entry.name != name or entry.value is None:
            return None
        record = SessionRecord.parse(entry.value)
        latest_ms = self._spans.end_ms(record)
        expires_ms = latest_ms if entry.expiration is None else min(entry.expiration * 1000, latest_ms)
        return _Stored(record, entry.version, expires_ms)

    def _read(self, handle: str) -> Steps[Optional[_Stored]]:
        return self._alive((yield from self._find(handle)))

    def _alive(self, stored: Optional[_Stored]) -> Optional[_Stored]:
        """Returns ``None`` for a session past its lifetime too: the store keeps it up to a minute longer."""
        alive = stored is not None and self._now_ms() < self._spans.end_ms(stored.record)
        return stored if alive else None

    def _is_due(self, stored: _Stored) -> bool:
        """Whether it is time to prolong the session."""
        latest_ms = self._spans.expiry_ms(stored.record, self._now_ms())
        late_ms = latest_ms - stored.expires_ms
        # The last prolongation reaches the end of the lifetime. Without it, a session in use could end early.
        is_last = latest_ms == self._spans.end_ms(stored.record)
        renew_ms = self._renew_ms * (self._spans.idle_of(stored.record) / self._spans.idle_ms)
        return late_ms > 0 and late_ms >= (min(renew_ms, LAST_RENEWAL_MS_MIN) if is_last else renew_ms)

    def _handles_of(self, user_id: str) -> Steps[List[str]]:
        prefix = self._keys.user(user_id)
        handles: List[str] = []
        cursor: Optional[str] = None
        while True:
            page: ListPage = yield Request("list", prefix, cursor=cursor)
            handles.extend(key.name[len(prefix) :] for key in page.keys)
            cursor = page.cursor
            if cursor is None or len(handles) >= LISTED_SESSIONS_MAX:
                return handles

    def _insert(self, changes: Changes, handle: str, record: SessionRecord, now: int) -> None:
        changes.put(self._keys.session(handle), record.text(), ttl=self._spans.ttl_seconds(record, now))
        if record.user_id is not None:
            changes.put(self._keys.indexed(record.user_id, handle), "", ttl=index_ttl_seconds(record, now))

    def _remove(self, changes: Changes, handle: str, user_id: Optional[str]) -> None:
        _delete_all(changes, self._keys.of(handle, user_id))

    def _remove_all(self, user_id: str, handles: List[str]) -> Steps[None]:
        for at in range(0, len(handles), SESSIONS_PER_COMMIT_MAX):
            keys = [
                key
                for handle in handles[at : at + SESSIONS_PER_COMMIT_MAX]
                for key in self._keys.of(handle, user_id)
            ]
            yield Commit(lambda changes: _delete_all(changes, keys))

    def _stored(self, record: SessionRecord, version: Optional[int], now: int) -> _Stored:
        return _Stored(record, version, self._spans.expiry_ms(record, now))

    def _session(self, session_id: str, handle: str, stored: _Stored, renewed: bool = False) -> Session:
        record = stored.record
        return Session(
            id=session_id,
            handle=handle,
            data=record.data,
            user_id=record.user_id,
            created_ms=record.created_ms,
            ends_ms=record.ends_ms,
            expires_ms=stored.expires_ms,
            renewed=renewed,
            version=stored.version,
            idle_seconds=self._spans.idle_of(record) / 1000,
            persistent=record.persistent,
            _own_idle_ms=record.idle_ms,
        )


class Sessions(_Sessions[Namespace]):
    """Sessions in a namespace. No change is lost or brings an ended session back.

    The very next read after a revocation finds no session, in every process and language.

    >>> sessions = Sessions(kv, idle_seconds=3600)  # doctest: +SKIP
    >>> session = sessions.create({"cart": []}, user_id="ada")  # doctest: +SKIP
    >>> sessions.update(session, lambda data: {**data, "cart": [*data["cart"], "book"]})  # doctest: +SKIP
    """

    def create(
        self,
        data: Any,
        *,
        user_id: Optional[str] = None,
        idle_seconds: Optional[int] = None,
        persistent: Optional[bool] = None,
    ) -> Session:
        """Creates a session. Send its ``id`` in a cookie. One request.

        :param idle_seconds: how long it may be unused, instead of the option of the same name. If that is
            longer than the lifetime of sessions, the session lives that long
        :param persistent: kept with the session: whether its cookie survives a restart of the browser
        :raises InvalidError: "value_invalid" for data that JSON cannot represent
        """
        return run(self._kv, self._create(data, user_id, idle_seconds, persistent))

    def get(self, session_id: str) -> Optional[Session]:
        """Returns the session with that id. ``None`` if it does not exist, has expired or was revoked.

        One request; one more if it is time to prolong it; none for a text that is not an id.
        """
        return run(self._kv, self._get(session_id))

    def update(self, session: Target, change: Change) -> Optional[Session]:
        """Changes the data. ``change`` gets the stored data and returns the new data. It may run several
        times.

        Pass a :class:`Session` instead of its id to save the read.

        :returns: the changed session; ``None`` if it has ended, and then nothing was written
        :raises ContendedError: after too many concurrent changes
        """
        return run(self._kv, self._update(session, change))

    def rotate(
        self,
        session: Target,
        *,
        user_id: Optional[str] = None,
        change: Optional[Change] = None,
        idle_seconds: Optional[int] = None,
        persistent: Optional[bool] = None,
    ) -> Optional[Session]:
        """Gives the session a new id and ends the old one at the same time. Do this at each login.

        Otherwise an attacker who planted an id in a browser would share the session of the user who logs in
        there.

        :param user_id: for a login: assigns the session to this user and restarts its lifetime
        :param idle_seconds: of the login, as in :meth:`create`
        :param persistent: of the login, as in :meth:`create`
        """
        return run(self._kv, self._rotate(session, user_id, change, idle_seconds, persistent))

    def revoke(self, session: Target) -> None:
        """Ends a session."""
        run(self._kv, self._revoke(session))

    def revoke_listed(self, user_id: str, handle: str) -> bool:
        """Ends a session of a user that :meth:`list` returned. Returns whether it belonged to that user."""
        return run(self._kv, self._revoke_listed(user_id, handle))

    def revoke_all(self, user_id: str, *, keep: Optional[Target] = None) -> None:
        """Ends all sessions of a user, except ``keep``, as in "log out everywhere else"."""
        run(self._kv, self._revoke_all(user_id, keep))

    def list(self, user_id: str) -> List[ListedSession]:
        """Returns the user's sessions, oldest first."""
        return run(self._kv, self._list(user_id))


class AsyncSessions(_Sessions[AsyncNamespace]):
    """:class:`Sessions` with methods to ``await``. They are documented there."""

    async def create(
        self,
        data: Any,
        *,
        user_id: Optional[str] = None,
        idle_seconds: Optional[int] = None,
        persistent: Optional[bool] = None,
    ) -> Session:
        return await run_async(self._kv, self._create(data, user_id, idle_seconds, persistent))

    async def get(self, session_id: str) -> Optional[Session]:
        return await run_async(self._kv, self._get(session_id))

    async def update(self, session: Target, change: Change) -> Optional[Session]:
        return await run_async(self._kv, self._update(session, change))

    async def rotate(
        self,
        session: Target,
        *,
        user_id: Optional[str] = None,
        change: Optional[Change] = None,
        idle_seconds: Optional[int] = None,
        persistent: Optional[bool] = None,
    ) -> Optional[Session]:
        return await run_async(self._kv, self._rotate(session, user_id, change, idle_seconds, persistent))

    async def revoke(self, session: Target) -> None:
        await run_async(self._kv, self._revoke(session))

    async def revoke_listed(self, user_id: str, handle: str) -> bool:
        return await run_async(self._kv, self._revoke_listed(user_id, handle))

    async def revoke_all(self, user_id: str, *, keep: Optional[Target] = None) -> None:
        await run_async(self._kv, self._revoke_all(user_id, keep))

    async def list(self, user_id: str) -> List[ListedSession]:
        return await run_async(self._kv, self._list(user_id))


def _delete_all(changes: Changes, keys: List[str]) -> None:
    for key in keys:
        changes.delete(key)


def _stored_of(session: Session) -> _Stored:
    """Copies the data, so that a change does not modify the caller's object."""
    data = copy.deepcopy(session.data)
    record = SessionRecord(
        session.created_ms,
        session.ends_ms,
        data,
        session.user_id,
        session._own_idle_ms,
        session.persistent,
    )
    return _Stored(record, session.version, session.expires_ms)
