import asyncio
import threading

import pytest

from kvasir import AsyncNamespace, KvError


def test_it_does_the_same(kv):
    async def use():
        async with AsyncNamespace(kv) as namespace:
            await namespace.put("key", "value", metadata=[1])
            await asyncio.gather(*(namespace.increment("n") for _ in range(50)))
            assert await namespace.get("key") == "value"
            assert (await namespace.get_entry("key")).metadata == [1]
            assert await namespace.get("n") == "50"
            assert await namespace.count() == 2
            assert [key.name async for key in namespace.keys(limit=1, reverse=True)] == ["n", "key"]
            assert await namespace.atomic().check("new", None).put("new", "1").delete("n").commit() is not None
            assert await namespace.atomic().check("new", None).delete("new").commit() is None
            assert await namespace.delete_prefix("", all=True) == 2

    asyncio.run(use())


@pytest.mark.parametrize("open_first", [False, True])
def test_changes_come_as_they_are_made(kv, open_first):
    async def use():
        namespace = AsyncNamespace(kv)
        await namespace.put("a/0", "")
        before = await namespace.position()
        seen = []
        if open_first:
            async with namespace.watch("a/") as changes:
                await namespace.put("a/1", "")
                await namespace.put("b", "")
                await namespace.delete("a/1")
                async for change in changes:
                    seen.append((change.type, change.key))
                    if len(seen) == 2:
                        break
        else:
            await namespace.put("a/1", "")
            await namespace.delete("a/1")
            async for change in namespace.watch("a/", since=before):
                seen.append((change.type, change.key))
                if len(seen) == 2:
                    break
        return seen

    assert asyncio.run(use()) == [("put", "a/1"), ("delete", "a/1")]
    assert_readers_end()


def assert_readers_end():
    for thread in threading.enumerate():
        if thread.name == "kvasir-watch":
            thread.join(10)
            assert not thread.is_alive()


@pytest.mark.parametrize("more", [1, 3_000])
def test_a_reader_ends_with_an_event_loop_that_drops_what_was_scheduled(kv, more):
    async def begin():
        watch = AsyncNamespace(kv).watch("a/")
        await watch.__aenter__()
        return watch

    loop = asyncio.new_event_loop()
    watch = loop.run_until_complete(begin())
    # The loop does not run any more, but it is open: it takes these changes and never passes them on.
    for first in range(0, more, 100):
        commit = kv.atomic()
        for index in range(first, min(first + 100, more)):
            commit.put(f"a/{index}", "")
        commit.commit()
    loop.close()
    kv.put("a/last", "")
    assert_readers_end()
    del watch


def test_a_watch_that_is_closed_ends(kv):
    async def use():
        watch = AsyncNamespace(kv).watch()
        async with watch:
            waiting = asyncio.ensure_future(watch.__anext__())
            await asyncio.sleep(0)
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(waiting, 10)
        with pytest.raises(StopAsyncIteration):
            await watch.__anext__()

    asyncio.run(use())


def test_an_error_of_a_watch_is_raised(kv, url):
    from kvasir import Kvasir

    async def use():
        async for _ in Kvasir(url).async_namespace("nowhere").watch():
            pass

    with pytest.raises(KvError, match="namespace_not_found"):
        asyncio.run(use())
