import asyncio
import json
import time
from pathlib import Path

import pytest

from kvasir import prelude

VECTORS = json.loads(
    Path(__file__).parents[3].joinpath("testing", "conformance", "vectors", "expiring-values.json").read_text("utf-8")
)


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


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["what"])
def test_every_language_reads_the_same_and_deletes_only_what_has_expired(kv, case):
    kv.put("key", case["stored"])
    expected = None if case["expired"] else case["value"]
    assert asyncio.run(prelude.kv_get_with_expiry("key")) == expected
    assert kv.get("key") == (None if case["expired"] else case["stored"])


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
