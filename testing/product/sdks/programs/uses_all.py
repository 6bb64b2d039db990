"""Uses all that the installed package offers, and is checked by mypy and pyright at their strictest."""

import asyncio
import io
import os
import pickle
import sys
from datetime import datetime, timedelta, timezone
from typing import AsyncIterator, Dict, List, Optional

from kvasir import (
    AsyncAtomic,
    AsyncNamespace,
    AsyncValueStream,
    AsyncWatch,
    Atomic,
    AuthError,
    Change,
    Entry,
    InvalidError,
    Kvasir,
    KvError,
    ListedKey,
    ListPage,
    Namespace,
    NamespaceNotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    StorageError,
    UnavailableError,
    ValueStream,
    ValueWithMetadata,
    Watch,
    WatchBehindError,
    WriteResult,
    namespace_from_environment,
)


def use(kv: Namespace) -> None:
    tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
    written: WriteResult = kv.put("a", "1", ttl=timedelta(hours=1), metadata={"n": 1}, if_absent=True)
    assert written.ok and bool(written)
    version: Optional[int] = written.version
    kv.put("a", b"2", ttl=60, if_version=version)
    kv.put_json("json", {"a": [1]}, expiration=tomorrow)
    kv.put_stream("file", io.BytesIO(b"bytes"), expiration=4_000_000_000)
    kv.put_stream("pieces", [b"a", b"b"])
    kv.put_many({"m1": "1", "m2": b"2"}, ttl=3600)
    text: Optional[str] = kv.get("a", cache_ttl=30)
    data: Optional[bytes] = kv.get_bytes("a")
    entry: Optional[Entry[bytes]] = kv.get_entry("a")
    assert text == "2" and data == b"2" and entry is not None and entry.value == b"2"
    assert entry.expiration is not None and entry.version > 0 and entry.metadata is None
    assert kv.get_json("json", default=None) == {"a": [1]}
    stream: Optional[ValueStream] = kv.get_stream("file")
    assert stream is not None
    with stream:
        pieces: List[bytes] = list(stream.chunks(2))
        assert pieces == [b"by", b"te", b"s"] and stream.version > 0
    many: Dict[str, Optional[str]] = kv.get_many(["m1", "nothing"])
    described: Dict[str, Optional[ValueWithMetadata]] = kv.get_many_with_metadata(["m1"])
    found = described["m1"]
    assert many == {"m1": "1", "nothing": None} and found is not None and found.value == "1"
    page: ListPage = kv.list("m", limit=1, start="m", end="n", values=True, versions=True, cursor=None)
    first: ListedKey = page.keys[0]
    assert first.value == "1" and first.version is not None and not first.damaged and page.cursor
    assert [key.name for key in kv.keys("m", reverse=True)] == ["m2", "m1"]
    counted: int = kv.increment("n", 2, ttl=timedelta(minutes=5))
    existed: bool = kv.touch("n", expiration=tomorrow)
    assert counted == 2 and existed
    before: str = kv.position()
    atomic: Atomic = kv.atomic()
    commit: Optional[int] = (
        atomic.check("nothing", None)
        .put("x", b"1", ttl=60, if_absent=True)
        .increment("n", ttl=60)
        .delete("a")
        .commit()
    )
    watch: Watch = kv.watch(since=before)
    with watch:
        change: Change = next(watch)
        assert (change.type, change.key, change.version, change.more) == ("put", "x", commit, True)
        assert change.position and not watch.closed
    kv.delete("x", if_version=commit)
    kv.delete_many(["m1", "m2"])
    assert kv.count("m") == 0
    assert kv.delete_prefix("", dry_run=True, all=True) == kv.count()
    kv.close()


def fail(kv: Namespace) -> None:
    try:
        kv.put("x" * 600, "")
    except InvalidError as error:
        copy: KvError = pickle.loads(pickle.dumps(error))
        assert isinstance(copy, InvalidError) and copy.code == "key_too_long"
        assert copy.hint is None or copy.status is None or copy.retry_after is None
    kinds = (AuthError, NamespaceNotFoundError, OutcomeUnknownError, RateLimitedError, StorageError)
    for kind in (*kinds, UnavailableError, WatchBehindError):
        assert issubclass(kind, KvError)


async def use_async(kv: AsyncNamespace) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    async with kv:
        await kv.put_stream("stream", pieces(), metadata=[1])
        stream: Optional[AsyncValueStream] = await kv.get_stream("stream")
        assert stream is not None
        async with stream:
            assert stream.metadata == [1] and await stream.read() == b"onetwo"
        assert [key.name async for key in kv.keys("str")] == ["stream"]
        before = await kv.position()
        atomic: AsyncAtomic = kv.atomic()
        assert await atomic.put("a", "1").commit() is not None
        watch: AsyncWatch = kv.watch(since=before)
        async with watch as changes:
            async for change in changes:
                assert change.key == "a"
                break


def main() -> None:
    url, namespace_id = sys.argv[1:]
    with Kvasir(url, token=None, timeout=10, retries=1) as client:
        use(client.namespace(namespace_id))
        fail(client.namespace(namespace_id))
        asyncio.run(use_async(client.async_namespace(namespace_id)))
    os.environ.update(KVASIR_URL=url, KV_NAMESPACE_ID=namespace_id)
    assert namespace_from_environment().get("a") == "1"
    print("all used")


main()
