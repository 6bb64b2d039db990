import asyncio
import time

import pytest

from kvasir import Kvasir, KvError


def test_what_was_put_is_read_as_text_bytes_and_json(kv):
    kv.put("text", "grüße")
    kv.put("bytes", b"\x00\xff")
    kv.put_json("json", {"a": [1, None]})
    assert kv.get("text") == "grüße"
    assert kv.get_bytes("bytes") == b"\x00\xff"
    assert kv.get_json("json") == {"a": [1, None]}


def test_a_missing_key_is_none_or_the_default(kv):
    assert kv.get("nothing") is None
    assert kv.get_bytes("nothing") is None
    assert kv.get_entry("nothing") is None
    assert kv.get_json("nothing", default=[]) == []


@pytest.mark.parametrize("key", ["a/b", "a b", "ä", "100%", "a?b#c", "🦊", "a+b", "..%2f"])
def test_any_key_is_itself(kv, key):
    kv.put(key, key)
    assert kv.get(key) == key
    assert [found.name for found in kv.keys()] == [key]


def test_metadata_ttl_and_version_come_back(kv):
    written = kv.put("key", "value", ttl=3600, metadata={"who": "Ærøskøbing 🦊"})
    entry = kv.get_entry("key")
    assert entry.value == b"value"
    assert entry.metadata == {"who": "Ærøskøbing 🦊"}
    assert entry.version == written.version
    assert abs(entry.expiration - time.time() - 3600) < 60


def test_conditions_say_whether_they_held(kv):
    assert kv.put("key", "1", if_absent=True)
    refused = kv.put("key", "2", if_absent=True)
    assert not refused and refused.version == kv.get_entry("key").version
    assert not kv.put("key", "2", if_version=refused.version + 1)
    assert kv.put("key", "2", if_version=refused.version)
    assert not kv.delete("key", if_version=refused.version)
    assert kv.get("key") == "2"
    assert kv.delete("key") and kv.get("key") is None


def test_counters_add_up_from_many_threads(kv):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as threads:
        sums = sorted(threads.map(lambda _: kv.increment("counter"), range(100)))
    assert sums == list(range(1, 101))
    kv.put("text", "no number")
    with pytest.raises(KvError) as raised:
        kv.increment("text")
    assert raised.value.code == "value_not_integer"


def test_touch_says_whether_there_was_an_entry(kv):
    kv.put("key", "value", ttl=3600)
    assert kv.touch("key") is True
    assert kv.get_entry("key").expiration is None
    assert kv.touch("nothing", ttl=60) is False


def test_lists_pages_with_options(kv):
    for name in ["a/1", "a/2", "a/3", "b/1"]:
        kv.put(name, name.upper(), metadata={"of": name})
    page = kv.list("a/", limit=2)
    assert [key.name for key in page.keys] == ["a/1", "a/2"]
    rest = kv.list("a/", limit=2, cursor=page.cursor)
    assert [key.name for key in rest.keys] == ["a/3"] and rest.cursor is None
    assert [key.name for key in kv.keys(reverse=True, limit=3)] == ["b/1", "a/3", "a/2", "a/1"]
    first = kv.list(limit=1, values=True, versions=True).keys[0]
    assert (first.value, first.metadata) == ("A/1", {"of": "a/1"})
    assert first.version == kv.get_entry("a/1").version
    assert kv.count() == 4 and kv.count("a/") == 3


def test_prefixes_are_deleted_and_an_empty_one_is_refused(kv):
    for name in ["a/1", "a/2", "b"]:
        kv.put(name, "")
    assert kv.delete_prefix("a/", dry_run=True) == 2
    assert kv.delete_prefix("a/") == 2
    assert [key.name for key in kv.keys()] == ["b"]
    with pytest.raises(KvError):
        kv.delete_prefix("")


def test_many_keys_are_read_at_once(kv):
    for number in range(130):
        kv.put(str(number), f"value {number}")
    names = [str(number) for number in range(131)]
    assert kv.get_many(names) == {**{str(n): f"value {n}" for n in range(130)}, "130": None}


def test_atomic_changes_all_or_nothing(kv):
    version = kv.put("a", "1").version
    assert kv.atomic().check("a", version).put("b", b"\xff").increment("c", 5).delete("a").commit()
    assert (kv.get("a"), kv.get_bytes("b"), kv.get("c")) == (None, b"\xff", "5")
    assert kv.atomic().check("a", version).put("b", "lost").commit() is None
    assert kv.atomic().check("a", None).put("a", "new", metadata={"x": 1}, ttl=60).commit() is not None
    assert kv.get_bytes("b") == b"\xff" and kv.get_entry("a").metadata == {"x": 1}


def test_errors_have_the_servers_code_and_a_hint(kv, url):
    with pytest.raises(KvError) as raised:
        kv.put("key", "value", ttl=1)
    assert (raised.value.code, raised.value.status) == ("expiration_invalid", 400)
    with pytest.raises(KvError) as raised:
        Kvasir(url).namespace("nowhere").get("key")
    assert raised.value.code == "namespace_not_found"
    with pytest.raises(KvError) as raised:
        Kvasir("http://127.0.0.1:9").namespace("x").get("key")
    assert raised.value.code == "unavailable" and "running" in raised.value.hint
    with pytest.raises(ValueError, match="no address"):
        Kvasir("localhost:8788").namespace("x")
    with pytest.raises(TypeError):
        kv.get(1)


def test_asyncio_has_the_same(kv):
    from kvasir import AsyncNamespace

    async def use():
        namespace = AsyncNamespace(kv)
        await namespace.put("key", "value", metadata=[1])
        await asyncio.gather(*(namespace.increment("n") for _ in range(50)))
        return await namespace.get("key"), await namespace.get("n"), await namespace.count()

    assert asyncio.run(use()) == ("value", "50", 2)
