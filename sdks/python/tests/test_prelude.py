import asyncio
import json
import time

import pytest

from kvasir import prelude


@pytest.fixture(autouse=True)
def environment(monkeypatch, url, namespace_id):
    monkeypatch.setenv("KVASIR_URL", url)
    monkeypatch.setenv("KV_NAMESPACE_ID", namespace_id)
    monkeypatch.setattr(prelude, "_namespace", None)


def test_values_live_until_their_expiry(kv):
    async def use():
        await prelude.kv_put_with_expiry("key", "value", 60)
        return await prelude.kv_get_with_expiry("key")

    before = time.time() * 1000
    assert asyncio.run(use()) == "value"
    stored = kv.get_json("key")
    assert stored["value"] == "value"
    assert abs(stored["expires_at"] - before - 60_000) < 30_000


def test_an_expired_value_is_none_and_deleted(kv):
    kv.put("key", json.dumps({"value": "old", "expires_at": time.time() * 1000 - 1}))
    assert asyncio.run(prelude.kv_get_with_expiry("key")) is None
    assert kv.get("key") is None


@pytest.mark.parametrize(
    "stored, value",
    [
        ("text", "text"),
        ("", ""),
        ("[1]", "[1]"),
        ("null", "null"),
        ('{"value": 1}', '{"value": 1}'),
        ('{"value": 1, "expires_at": 5, "more": 2}', '{"value": 1, "expires_at": 5, "more": 2}'),
        ('{"value": {"a": [1, null]}, "expires_at": 99999999999999}', {"a": [1, None]}),
        ('{"value": "x", "expires_at": null}', "x"),
        ('{"value": "x", "expires_at": "soon"}', "x"),
        ('{"value": "x", "expires_at": true}', "x"),
        # Seconds since the epoch, in the past: of a program with another unit.
        ('{"value": "x", "expires_at": 1600000000}', "x"),
    ],
)
def test_what_others_wrote_is_returned_and_never_deleted(kv, stored, value):
    kv.put("key", stored)
    assert asyncio.run(prelude.kv_get_with_expiry("key")) == value
    assert kv.get("key") == stored


def test_helpers_read_write_list_and_delete():
    async def use():
        await prelude.kv_put("a", {"n": 1})
        await prelude.kv_put("b", b"bytes")
        names = [key.name for key in (await prelude.kv_list()).keys]
        await prelude.kv_delete("a")
        return names, await prelude.kv_get("a"), await prelude.kv_get("b")

    assert asyncio.run(use()) == (["a", "b"], None, "bytes")


def test_a_missing_variable_is_named(monkeypatch):
    monkeypatch.delenv("KV_NAMESPACE_ID")
    with pytest.raises(RuntimeError, match="KV_NAMESPACE_ID is not set"):
        asyncio.run(prelude.kv_get("key"))
