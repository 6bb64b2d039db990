"""Arguments that would change on their way are rejected before anything is sent."""

import asyncio
import time
from array import array
from datetime import datetime, timedelta, timezone

import pytest

from kvasir import InvalidError, Kvasir, KvError, prelude

USES_OF_A_KEY = {
    "get": lambda kv, key: kv.get(key),
    "get_entry": lambda kv, key: kv.get_entry(key),
    "get_json": lambda kv, key: kv.get_json(key),
    "get_many": lambda kv, key: kv.get_many(["other", key]),
    "put": lambda kv, key: kv.put(key, "value"),
    "delete": lambda kv, key: kv.delete(key),
    "increment": lambda kv, key: kv.increment(key),
    "touch": lambda kv, key: kv.touch(key),
    "atomic check": lambda kv, key: kv.atomic().check(key, None),
    "atomic put": lambda kv, key: kv.atomic().put(key, "value"),
    "atomic delete": lambda kv, key: kv.atomic().delete(key),
    "atomic increment": lambda kv, key: kv.atomic().increment(key),
}


@pytest.mark.parametrize("use", USES_OF_A_KEY.values(), ids=USES_OF_A_KEY)
@pytest.mark.parametrize("key", ["", ".", "..", "\ud800", "x" * 513], ids=repr)
def test_keys_that_make_another_path_are_refused(kv, use, key):
    with pytest.raises(InvalidError) as raised:
        use(kv, key)
    assert raised.value.code == ("key_too_long" if len(key) > 2 else "key_invalid")
    assert raised.value.status is None, "the server was asked"


@pytest.mark.parametrize("use", USES_OF_A_KEY.values(), ids=USES_OF_A_KEY)
@pytest.mark.parametrize("key", [None, 1, b"key"])
def test_keys_that_are_no_text_are_refused(kv, use, key):
    with pytest.raises(TypeError):
        use(kv, key)


def test_a_list_of_keys_is_not_one_key(kv):
    with pytest.raises(TypeError, match="list of keys"):
        kv.get_many("abc")


@pytest.mark.parametrize("value", [5, 0, True, None, [1, 2], {"a": 1}, 1.5, (1,), range(3), object()])
def test_values_are_text_or_bytes(kv, value):
    with pytest.raises(TypeError, match="put_json"):
        kv.put("key", value)
    with pytest.raises(TypeError, match="put_json"):
        kv.atomic().put("key", value)
    assert kv.get("key") is None


@pytest.mark.parametrize("value", [b"ab", bytearray(b"ab"), memoryview(b"-ab-")[1:3], memoryview(b"a-b")[::2], array("B", b"ab")])
def test_everything_that_holds_bytes_is_a_value(kv, value):
    kv.put("key", value)
    kv.atomic().put("atomic", value).commit()
    assert kv.get_bytes("key") == kv.get_bytes("atomic") == b"ab"


def test_what_is_not_json_is_not_written_as_json(kv):
    for wrong in (float("nan"), float("inf")):
        with pytest.raises(ValueError):
            kv.put_json("key", wrong)
        with pytest.raises(ValueError):
            kv.put("key", "value", metadata=wrong)
    kv.put("key", "value", metadata="\x7f")
    assert kv.get_entry("key").metadata == "\x7f"


@pytest.mark.parametrize(
    "ttl, seconds",
    [(3600, 3600), (3600.0, 3600), (timedelta(hours=24), 86_400), (timedelta(days=2, milliseconds=1), 172_801)],
)
def test_lifetimes_are_seconds_or_timedeltas(kv, ttl, seconds):
    kv.put("key", "value", ttl=ttl)
    kv.put("touched", "value")
    kv.touch("touched", ttl=ttl)
    kv.increment("counter", ttl=ttl)
    kv.atomic().put("atomic", "value", ttl=ttl).increment("sum", ttl=ttl).commit()
    for key in ("key", "touched", "counter", "atomic", "sum"):
        assert abs(kv.get_entry(key).expiration - time.time() - seconds) < 30, key


@pytest.mark.parametrize("ttl", ["60", "1 day, 0:00:00", 60.5, True, float("nan"), [60], datetime.now()])
def test_other_lifetimes_are_refused(kv, ttl):
    uses = [
        lambda: kv.put("key", "value", ttl=ttl),
        lambda: kv.put_json("key", "value", ttl=ttl),
        lambda: kv.increment("key", ttl=ttl),
        lambda: kv.touch("key", ttl=ttl),
        lambda: kv.atomic().put("key", "value", ttl=ttl),
        lambda: kv.atomic().increment("key", ttl=ttl),
    ]
    for use in uses:
        with pytest.raises(TypeError, match="ttl is a whole number of seconds, or a timedelta"):
            use()


def test_expirations_are_seconds_or_datetimes_with_a_zone(kv):
    at = datetime.now(timezone.utc) + timedelta(hours=1)
    kv.put("key", "value", expiration=at)
    assert 0 <= kv.get_entry("key").expiration - at.timestamp() < 1
    for wrong in (datetime.now(), "2030-01-01", 1.5, True):
        with pytest.raises(TypeError, match="expiration is a"):
            kv.put("key", "value", expiration=wrong)


@pytest.mark.parametrize("number", ["1", 1.5, True, None, [1]])
def test_numbers_are_whole_numbers(kv, number):
    uses = [lambda: kv.increment("key", number), lambda: kv.atomic().increment("key", number)]
    if number is not None:
        uses += [
            lambda: kv.list(limit=number),
            lambda: kv.put("key", "value", if_version=number),
            lambda: kv.delete("key", if_version=number),
            lambda: kv.atomic().check("key", number),
        ]
    for use in uses:
        with pytest.raises(TypeError):
            use()
    assert kv.count() == 0


def test_version_zero_is_a_condition(kv):
    kv.put("key", "value")
    assert not kv.put("key", "lost", if_version=0)
    assert not kv.delete("key", if_version=0)
    assert kv.atomic().check("key", 0).delete("key").commit() is None
    assert kv.get("key") == "value"


def test_text_that_is_not_utf_8_is_an_error_that_says_what_to_do(kv):
    kv.put("bytes", b"a\xff")
    kv.put("replacement", "\ufffd")
    assert kv.get("replacement") == "\ufffd"
    assert kv.get_many(["replacement"]) == {"replacement": "\ufffd"}
    for read in (kv.get, lambda key: kv.get_many([key, "replacement"])):
        with pytest.raises(InvalidError, match="'bytes' is not UTF-8 text") as raised:
            read("bytes")
        assert raised.value.hint == "Read it with get_bytes()."
    assert kv.get_bytes("bytes") == b"a\xff"


def test_the_helpers_of_functions_refuse_the_same(kv, url, namespace_id, monkeypatch):
    monkeypatch.setenv("KVASIR_URL", url)
    monkeypatch.setenv("KV_NAMESPACE_ID", namespace_id)
    monkeypatch.setattr(prelude, "_namespace", None)
    with pytest.raises(KvError, match="cannot be empty"):
        asyncio.run(prelude.kv_get(""))
    with pytest.raises(TypeError):
        asyncio.run(prelude.kv_put("key", "value", "1 day"))
    asyncio.run(prelude.kv_put("s", "x", timedelta(hours=24)))
    assert abs(kv.get_entry("s").expiration - time.time() - 86_400) < 30


@pytest.mark.parametrize(
    "call",
    [
        lambda kv: kv.list(prefix=None),
        lambda kv: kv.list(prefix=b"a"),
        lambda kv: kv.list(start=5),
        lambda kv: kv.list(cursor=5),
        lambda kv: kv.list(reverse="no"),
        lambda kv: kv.count(None),
        lambda kv: kv.watch(None),
        lambda kv: kv.delete_prefix(0),
        lambda kv: kv.delete_prefix("a", dry_run="false"),
        lambda kv: kv.delete_prefix("", all="false"),
        lambda kv: kv.put("a", "x", if_absent="false"),
        lambda kv: kv.atomic().put("a", "x", if_absent=1),
        lambda kv: kv.put_many([("a", "b")]),
    ],
)
def test_nothing_is_turned_into_a_text_or_a_flag(kv, call):
    kv.put("0", "x")
    with pytest.raises(TypeError, match=r"is (a str|a dict|True or False)"):
        call(kv)
    assert kv.count() == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda kv: kv.put("a", "\ud800"),
        lambda kv: kv.put_json("a", ["\ud800"]),
        lambda kv: kv.put("a", "x", metadata="\ud800"),
        lambda kv: kv.atomic().put("a", "\ud800").commit(),
        lambda kv: kv.list("\ud800"),
        lambda kv: kv.watch("\ud800"),
    ],
)
def test_text_that_is_not_unicode_is_refused(kv, call):
    with pytest.raises(InvalidError, match="not valid Unicode"):
        call(kv)


@pytest.mark.parametrize(
    "make",
    [
        lambda url: Kvasir(None),
        lambda url: Kvasir("http://[::1"),
        lambda url: Kvasir("http://127.0.0.1:99999"),
        lambda url: Kvasir(url, "a\nb"),
        lambda url: Kvasir(url, b"token"),
        lambda url: Kvasir(url, timeout=0),
        lambda url: Kvasir(url, timeout=None),
        lambda url: Kvasir(url).namespace(""),
        lambda url: Kvasir(url).namespace(None),
    ],
)
def test_a_client_that_cannot_work_is_refused_when_it_is_made(make):
    with pytest.raises(ValueError, match=r"is (no address|not one of Kvasir's|a number of seconds|the id)"):
        make("http://127.0.0.1:1")
