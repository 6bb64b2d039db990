"""The recipes against a real server, in threads and in asyncio."""

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from kvasir import AsyncNamespace, InvalidError, Kvasir, KvError, UnavailableError
from kvasir import recipes
from kvasir.recipes import (
    AsyncCache,
    AsyncFlags,
    AsyncLocks,
    AsyncRateLimiter,
    AsyncSessions,
    Cache,
    Flags,
    LockLostError,
    Locks,
    LockTimeoutError,
    RateLimiter,
    Sessions,
)

NOON = 1_700_049_600.0
ALGORITHMS = ["fixed-window", "sliding-window", "token-bucket"]


class Time:
    """A clock that moves only when it is told, or when something sleeps on it."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def time():
    return Time()


def many(work, count=40):
    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(lambda _: work(), range(count)))


def code_of(raised):
    return raised.value.code


class TestRateLimiter:
    @pytest.mark.parametrize("algorithm", ALGORITHMS)
    def test_it_is_exact_and_recovers(self, kv, time, algorithm):
        limiter = RateLimiter(kv, limit=10, window_seconds=60, algorithm=algorithm, clock=time)
        results = many(lambda: limiter.check("ada"))
        assert sum(result.allowed for result in results) == 10
        refused = limiter.check("ada")
        assert not refused and refused.source == "memory" and refused.retry_after_seconds > 0
        assert limiter.check("bob").remaining == 9
        assert limiter.peek("ada").allowed is False
        time.now += 122
        assert limiter.check("ada", 10).remaining == 0
        limiter.reset("ada")
        assert limiter.check("ada").remaining == 9

    @pytest.mark.parametrize("algorithm", ALGORITHMS)
    def test_it_is_exact_in_asyncio(self, kv, time, algorithm):
        async def use():
            limiter = AsyncRateLimiter(
                AsyncNamespace(kv), limit=10, window_seconds=60, algorithm=algorithm, clock=time
            )
            results = await asyncio.gather(*(limiter.check("ada") for _ in range(40)))
            assert sum(result.allowed for result in results) == 10
            assert (await limiter.peek("ada")).remaining == 0
            await limiter.reset("ada")
            assert await limiter.check("ada")

        asyncio.run(use())

    def test_a_waiting_check_that_is_cancelled_stops_no_other(self, kv, time):
        async def use():
            limiter = AsyncRateLimiter(
                AsyncNamespace(kv), limit=100, window_seconds=60, algorithm="token-bucket", clock=time
            )
            checks = [asyncio.ensure_future(limiter.check("ada")) for _ in range(20)]
            await asyncio.sleep(0)
            for check in checks[::3]:
                check.cancel()
            results = await asyncio.wait_for(asyncio.gather(*checks, return_exceptions=True), 20)
            assert all(result.source == "store" for at, result in enumerate(results) if at % 3)
            assert await limiter.check("ada")

        asyncio.run(use())

    def test_an_expensive_check_that_is_rejected_uses_nothing(self, kv, time):
        limiter = RateLimiter(kv, limit=5, window_seconds=60, clock=time)
        assert limiter.check("ada", 4) and not limiter.check("ada", 2)
        assert limiter.check("ada").remaining == 0

    def test_headers(self, kv, time):
        limiter = RateLimiter(kv, limit=1, window_seconds=60, name='a"b', clock=time)
        allowed, refused = limiter.check("ada"), limiter.check("ada")
        # By a sliding window, whose parts end up to a second later.
        assert limiter.headers(allowed, "separate") == {
            "RateLimit-Limit": "1",
            "RateLimit-Remaining": "0",
            "RateLimit-Reset": "61",
        }
        assert limiter.headers(refused) == {
            "Retry-After": "61",
            "RateLimit-Policy": '"a\\"b";q=1;w=60',
            "RateLimit": '"a\\"b";r=0;t=61',
        }

    @pytest.mark.parametrize(
        "options",
        [
            {"limit": 0},
            {"limit": True},
            {"limit": 1.5},
            {"window_seconds": 0},
            {"algorithm": "leaky"},
            {"name": ""},
            {"name": "ä"},
            {"on_store_error": "maybe"},
            {"prefix": "x" * 500},
        ],
        ids=str,
    )
    def test_options_are_checked(self, kv, options):
        with pytest.raises(InvalidError) as raised:
            RateLimiter(kv, **{"limit": 1, "window_seconds": 60, **options})
        assert code_of(raised) in ("option_invalid", "key_too_long")
        with pytest.raises(TypeError):
            RateLimiter(kv, limit=1, window_seconds=60, windowSeconds=60)

    def test_the_store_is_away(self):
        away = Kvasir("http://127.0.0.1:9").namespace("x")
        assert RateLimiter(away, limit=1, window_seconds=60).check("ada").source == "default"
        assert not RateLimiter(away, limit=1, window_seconds=60, on_store_error="closed").check("ada")
        assert RateLimiter(away, limit=1, window_seconds=60, on_store_error=lambda key: key == "ada").check(
            "ada"
        )
        with pytest.raises(UnavailableError):
            RateLimiter(away, limit=1, window_seconds=60, on_store_error="throw").check("ada")

    def test_another_programs_value_is_not_taken_for_a_state(self, kv):
        limiter = RateLimiter(kv, limit=1, window_seconds=60, algorithm="token-bucket")
        kv.put("rate-limit:default:ada:token-bucket-60", "mine")
        with pytest.raises(KvError) as raised:
            limiter.check("ada")
        assert code_of(raised) == "value_invalid" and "prefix" in raised.value.hint


class TestLocks:
    def test_one_holder_at_a_time(self, kv):
        locks, inside, overlaps, tokens = Locks(kv), [], [], []

        def work():
            with locks.hold("report", wait_seconds=30) as lease:
                inside.append(1)
                overlaps.append(len(inside))
                tokens.append(lease.fencing_token)
                kv.get("x")
                inside.pop()

        many(work, 12)
        assert overlaps == [1] * 12
        assert tokens == sorted(set(tokens))

    def test_async(self, kv):
        async def use():
            locks, entered, tokens = AsyncLocks(AsyncNamespace(kv)), 0, []

            async def work():
                nonlocal entered
                async with locks.hold("report", wait_seconds=30) as lease:
                    before = entered
                    await locks._kv.get("x")
                    entered = before + 1
                    tokens.append(lease.fencing_token)

            await asyncio.gather(*(work() for _ in range(8)))
            assert entered == 8 and tokens == sorted(set(tokens))
            async with await locks.acquire("report") as lease:
                await lease.renew()
                assert await locks.try_acquire("report") is None
                assert await lease.guard(locks._kv.atomic()).put("a", "b").commit()
            assert await lease.release() is True

        asyncio.run(use())

    def test_a_holder_that_slept_is_stopped_by_its_token(self, kv, time):
        locks = Locks(kv, clock=time)
        sleeper = locks.acquire("report")
        with pytest.raises(LockTimeoutError) as raised:
            Locks(kv, clock=time, sleep=time.sleep).acquire("report", wait_seconds=3)
        assert code_of(raised) == "lock_timeout" and isinstance(raised.value, TimeoutError)
        time.now += 31
        successor = locks.try_acquire("report")
        assert successor.fencing_token > sleeper.fencing_token
        assert successor.guard(kv.atomic()).put("data", "successor").commit()
        assert sleeper.guard(kv.atomic()).put("data", "sleeper").commit() is None
        assert kv.get("data") == "successor"
        with pytest.raises(LockLostError):
            sleeper.renew()
        assert sleeper.lost and sleeper.release() is False
        with pytest.raises(LockLostError):
            sleeper.guard(kv.atomic())
        assert successor.release() is True and successor.release() is True

    def test_work_that_lost_its_lock_fails(self, kv):
        locks = Locks(kv)
        with pytest.raises(LockLostError):
            with locks.hold("report") as lease:
                kv.delete(lease.key)
        with pytest.raises(ZeroDivisionError):
            with locks.hold("report") as lease:
                kv.delete(lease.key)
                1 / 0

        async def use():
            with pytest.raises(LockLostError):
                async with AsyncLocks(AsyncNamespace(kv)).hold("report") as lease:
                    kv.delete(lease.key)
            with pytest.raises(ZeroDivisionError):
                async with AsyncLocks(AsyncNamespace(kv)).hold("report"):
                    1 / 0
            assert await AsyncLocks(AsyncNamespace(kv)).try_acquire("report")

        asyncio.run(use())

    def test_it_renews_itself(self, kv, time):
        # Each look of the renewing thread at its event takes a third of the lease.
        locks = Locks(kv, clock=time, ttl_seconds=3)
        lease = locks.acquire("report")
        waits = []

        def wait(seconds):
            waits.append(round(seconds, 1))
            time.now += seconds
            if len(waits) == 5:
                lease.release()

        lease._renews = True
        recipes.steps.run(kv, lease._keep(wait))
        assert waits == [1.0] * 5 and not lease.lost
        assert lease.until == pytest.approx(NOON + 4 + 3)

    def test_options_are_checked(self, kv):
        for wrong in [
            lambda: Locks(kv, ttl_seconds=0),
            lambda: Locks(kv).acquire(""),
            lambda: Locks(kv).acquire(5),
        ]:
            with pytest.raises(InvalidError):
                wrong()


class TestSessions:
    def test_a_login_chooses_how_long_its_session_stays(self, kv, time):
        sessions = Sessions(kv, idle_seconds=600, lifetime_seconds=1_200, clock=time)
        guest = sessions.create({})
        assert (guest.idle_seconds, guest.persistent) == (600, None)
        stays = sessions.rotate(guest, user_id="ada", idle_seconds=86_400, persistent=True)
        assert stays.ends_ms == stays.expires_ms == time.now * 1000 + 86_400_000
        # It also stays so when its data or its id changes, from an object and from the store.
        for target in (stays, stays.id):
            changed = sessions.update(target, lambda data: {"n": 1})
            assert (changed.idle_seconds, changed.persistent) == (86_400, True)
        time.now += 3_600
        moved = sessions.rotate(stays.id)
        assert (moved.idle_seconds, moved.persistent, moved.ends_ms) == (86_400, True, stays.ends_ms)
        again = sessions.rotate(moved, user_id="ada")
        assert (again.idle_seconds, again.persistent) == (600, None)
        assert json.loads(kv.get(f"session:id:{again.handle}")).keys() == {"createdMs", "endsMs", "userId", "data"}
        for wrong in ({"idle_seconds": 59}, {"idle_seconds": 90.5}, {"persistent": 1}):
            with pytest.raises(InvalidError):
                sessions.create({}, **wrong)

    def test_a_life(self, kv, time):
        sessions = Sessions(kv, idle_seconds=600, clock=time)
        session = sessions.create({"cart": []}, user_id="ada")
        assert (
            len(session.id) == 43
            and kv.get(f"session:id:{session.handle}")
            and session.id not in str(kv.list())
        )
        changed = sessions.update(session, lambda data: {"cart": [*data["cart"], "book"]})
        assert sessions.get(session.id).data == changed.data == {"cart": ["book"]}
        # With an outdated object nothing is lost either.
        assert sessions.update(session, lambda data: {"cart": [*data["cart"], "pen"]}).data == {
            "cart": ["book", "pen"]
        }
        login = sessions.rotate(session.id, user_id="bob")
        assert sessions.get(session.id) is None and sessions.get(login.id).user_id == "bob"
        assert sessions.list("ada") == [] and [found.handle for found in sessions.list("bob")] == [
            login.handle
        ]
        other = sessions.create(1, user_id="bob")
        sessions.revoke_all("bob", keep=login.id)
        assert sessions.get(other.id) is None and sessions.get(login.id)
        assert sessions.revoke_listed("ada", login.handle) is False
        assert sessions.revoke_listed("bob", login.handle) is True
        assert sessions.get(login.id) is None and sessions.update(login.id, lambda data: data) is None
        sessions.revoke(login)
        assert kv.count() == 0

    def test_no_update_is_lost(self, kv):
        sessions = Sessions(kv)
        session = sessions.create(0)
        many(lambda: sessions.update(session.id, lambda data: data + 1), 20)
        assert sessions.get(session.id).data == 20

    def test_a_read_prolongs_it_now_and_then(self, kv):
        import time as system

        offset = [0.0]
        sessions = Sessions(
            kv, idle_seconds=600, lifetime_seconds=700, clock=lambda: system.time() + offset[0]
        )
        session = sessions.create({})
        assert not sessions.get(session.id).renewed
        offset[0] = 61
        assert sessions.get(session.id).renewed
        offset[0] = 701
        assert sessions.get(session.id) is None

    def test_async(self, kv):
        async def use():
            sessions = AsyncSessions(AsyncNamespace(kv))
            session = await sessions.create(0, user_id="ada")
            await asyncio.gather(*(sessions.update(session.id, lambda data: data + 1) for _ in range(10)))
            assert (await sessions.get(session.id)).data == 10
            moved = await sessions.rotate(session, change=lambda data: -data)
            # `session` is outdated, so the change was applied to what is stored.
            assert moved.data == -10 and len(await sessions.list("ada")) == 1
            assert await sessions.revoke_listed("ada", moved.handle)
            await sessions.revoke_all("ada")
            await sessions.revoke(moved)

        asyncio.run(use())

    def test_what_is_refused(self, kv):
        sessions = Sessions(kv)
        for wrong in [
            lambda: Sessions(kv, idle_seconds=59),
            lambda: Sessions(kv, renew_share=2),
            lambda: Sessions(kv, on_store_error="open"),
            lambda: sessions.create({}, user_id=""),
            lambda: sessions.create({1, 2}),
            lambda: sessions.create(float("nan")),
        ]:
            with pytest.raises(InvalidError):
                wrong()
        assert sessions.get("'; DROP TABLE") is None and sessions.get(None) is None
        session = sessions.create({})
        kv.put(f"session:id:{session.handle}", "5")
        with pytest.raises(KvError) as raised:
            sessions.get(session.id)
        assert code_of(raised) == "value_not_json"
        away = Sessions(Kvasir("http://127.0.0.1:9").namespace("x"), on_store_error="anonymous")
        assert away.get(session.id) is None


class TestCache:
    def test_many_threads_compute_once(self, kv):
        cache, calls = Cache(kv), []

        def compute():
            calls.append(1)
            kv.count()
            return {"answer": 42}

        assert many(lambda: cache.get_or_set("key", compute), 20) == [{"answer": 42}] * 20
        assert len(calls) == 1
        # Another process.
        assert Cache(kv).get_or_set_with_status("key", compute).status == "hit"

    def test_two_caches_compute_once_in_asyncio(self, kv):
        async def use():
            caches = [AsyncCache(AsyncNamespace(kv)) for _ in range(3)]
            calls = 0

            async def compute():
                nonlocal calls
                calls += 1
                await caches[0]._kv.count()
                return calls

            results = await asyncio.gather(
                *(cache.get_or_set("key", compute) for cache in caches for _ in range(5))
            )
            assert results == [1] * 15
            await caches[0].delete("key")
            assert await caches[1].get_or_set("key", lambda: 5, tags=["t"]) == 5
            await caches[2].invalidate_tag("t")
            assert await caches[1].get_or_set("key", lambda: 6, tags=["t"]) == 6

        asyncio.run(use())

    def test_a_cancelled_computation_gives_its_lease_back(self, kv):
        async def use():
            cache, started = AsyncCache(AsyncNamespace(kv)), asyncio.Event()

            async def hang():
                started.set()
                await asyncio.Event().wait()

            first = asyncio.ensure_future(cache.get_or_set("key", hang))
            await started.wait()
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            assert await asyncio.wait_for(cache.get_or_set("key", lambda: "next"), 10) == "next"

        asyncio.run(use())

    def test_stale_values_are_replaced_in_the_background(self, kv, time):
        done = threading.Event()
        cache = Cache(kv, ttl_seconds=10, stale_seconds=100, clock=time)
        cache.get_or_set("key", lambda: 1)
        time.now += 11

        def compute():
            done.set()
            return 2

        found = cache.get_or_set_with_status("key", compute)
        assert (found.value, found.status) == (1, "stale")
        assert done.wait(10)
        while kv.get("cache:lease:key") is not None:
            pass
        assert cache.get_or_set_with_status("key", compute).status == "hit"

    def test_failures_and_nothing(self, kv, time):
        cache, calls = Cache(kv, clock=time, negative_ttl_seconds=5, failure_ttl_seconds=5), []

        def fail():
            calls.append(1)
            raise RuntimeError("no luck")

        with pytest.raises(RuntimeError):
            cache.get_or_set("bad", fail)
        with pytest.raises(UnavailableError, match="no luck"):
            cache.get_or_set("bad", fail)
        assert len(calls) == 1
        assert cache.get_or_set("none", lambda: calls.append(1)) is None
        assert cache.get_or_set("none", lambda: calls.append(1)) is None
        assert len(calls) == 2
        time.now += 6
        assert cache.get_or_set("bad", lambda: "good") == "good"

    def test_a_delete_during_a_computation_counts(self, kv):
        cache = Cache(kv)

        def compute():
            cache.delete("key")
            return "old"

        assert cache.get_or_set("key", compute) == "old"
        assert cache.get_or_set("key", lambda: "new") == "new"

        def tagged():
            cache.invalidate_tag("t")
            return "old"

        cache.get_or_set("tagged", tagged, tags=["t"])
        assert cache.get_or_set("tagged", lambda: "new", tags=["t"]) == "new"

    def test_a_dead_holder_blocks_only_for_its_lease(self, kv, time):
        kv.put("cache:lease:key", json.dumps({"owner": "dead", "untilMs": (NOON + 5) * 1000}))
        assert Cache(kv, clock=time, sleep=time.sleep).get_or_set("key", lambda: 1) == 1
        assert time.now >= NOON + 5

    def test_what_is_refused(self, kv):
        for wrong in [
            lambda: Cache(kv, ttl_seconds=0),
            lambda: Cache(kv, tags="products"),
            lambda: Cache(kv, lease_seconds=0.5),
            lambda: Cache(kv).get_or_set("", lambda: 1),
            lambda: Cache(kv).get_or_set("key", lambda: object()),
            lambda: Cache(kv).invalidate_tag(""),
        ]:
            with pytest.raises(InvalidError):
                wrong()
        away = Kvasir("http://127.0.0.1:9").namespace("x")
        assert Cache(away).get_or_set_with_status("key", lambda: 1).source == "default"
        with pytest.raises(UnavailableError):
            Cache(away, on_store_error="throw").get_or_set("key", lambda: 1)


class TestFlags:
    def test_values_segments_and_requirements(self, kv):
        staff = [{"email": {"endsWith": "@example.com"}}]
        flags = Flags(kv, segments={"staff": staff}, defaults={"base": {"rules": [{"segment": "staff"}], "rollout": 0}})
        flags.set("theme", {"value": {"color": "red"}, "requires": {"base": True}})
        ada, bob = {"id": "ada", "email": "ada@example.com"}, {"id": "bob", "email": "bob@elsewhere.example"}
        # One read finds what the flag requires.
        assert flags.evaluate("theme", ada).value == {"color": "red"}
        assert flags.evaluate("theme", bob).reason == "prerequisite"
        loaded = flags.load(["theme"])
        loaded.value("theme", ada)["color"] = "blue"
        assert loaded.value("theme", ada) == flags.value("theme", ada) == {"color": "red"}
        assert flags.value("theme", ada, "light") == "light" and flags.value("theme", bob, {}) == {}
        flags.set("base", {"requires": {"theme": True}})
        assert flags.evaluate("theme", ada).reason == "prerequisite"
        with pytest.raises(InvalidError) as raised:
            flags.set("new", {"rules": [{"segment": "customers"}]})
        assert "customers" in str(raised.value)
        for wrong in ({"staff": [{}]}, {"staff": {"a": 1}}, {"staff": [{"a": {"about": 1}}]}):
            with pytest.raises(InvalidError):
                Flags(kv, segments=wrong)

    def test_definitions_and_decisions(self, kv, time):
        flags = Flags(kv, defaults={"old": {}}, cache_ttl_seconds=60, clock=time)
        assert (
            flags.is_enabled("old")
            and not flags.is_enabled("new")
            and flags.is_enabled("new", otherwise=True)
        )
        flags.set("new", {"allow": ["ada"], "rollout": 0})
        assert flags.is_enabled("new", "ada") and not flags.is_enabled("new", "bob")
        found = flags.get("new")
        Flags(kv).update("new", {"rollout": 100}, version=found.version)
        with pytest.raises(KvError) as raised:
            flags.update("new", {}, version=found.version)
        assert code_of(raised) == "condition_failed"
        assert flags.update("a:b", {"variants": {"x": 1}}, version=None) > found.version
        assert [flag.name for flag in flags.list()] == ["a:b", "new"]
        loaded = flags.load(["new", "a:b", "old"])
        assert loaded.variant("a:b", "ada") == "x" and loaded.variant("new", "ada", "none") == "none"
        Flags(kv).set("new", {"enabled": False})
        assert flags.evaluate("new", {"id": "bob"}).source == "memory"
        time.now += 61
        assert flags.evaluate("new", {"id": "bob"}).reason == "disabled"
        flags.delete("new")
        assert flags.evaluate("new").reason == "missing"
        with pytest.raises(InvalidError):
            flags.evaluate("a:b", {"name": "no id"})

    def test_async(self, kv):
        async def use():
            flags = AsyncFlags(AsyncNamespace(kv))
            await flags.set("new", {"variants": {"x": 1}})
            assert await flags.is_enabled("new", "ada") and await flags.variant("new", "ada") == "x"
            assert (await flags.load(["new", "other"])).is_enabled("new")
            found = await flags.get("new")
            assert await flags.update("new", {}, version=found.version) > found.version
            assert [flag.definition for flag in await flags.list()] == [{}]
            await flags.delete("new")
            assert (await flags.evaluate("new")).reason == "missing"

        asyncio.run(use())

    def test_the_store_is_away_or_holds_something_else(self, kv):
        away = Kvasir("http://127.0.0.1:9").namespace("x")
        assert Flags(away, defaults={"old": {}}).is_enabled("old")
        with pytest.raises(UnavailableError):
            Flags(away, on_store_error="throw").is_enabled("old")
        kv.put("flag:new", "{")
        with pytest.raises(KvError) as raised:
            Flags(kv).is_enabled("new")
        assert code_of(raised) == "value_invalid"


def test_async_recipes_have_every_operation_of_the_others_with_the_same_arguments():
    import inspect

    def shape(function):
        return [
            (name, each.kind, each.default) for name, each in inspect.signature(function).parameters.items()
        ]

    for kind in (RateLimiter, Locks, Sessions, Cache, Flags, recipes.Lease):
        other = getattr(recipes, f"Async{kind.__name__}")
        names = [name for name in vars(kind) if not name.startswith("_")]
        assert [name for name in vars(other) if not name.startswith("_")] == names
        for name in names:
            assert shape(getattr(other, name)) == shape(getattr(kind, name)), name
            assert kind.__name__ == "Lease" or getattr(kind, name).__doc__, name
        assert shape(other.__init__) == shape(kind.__init__)
