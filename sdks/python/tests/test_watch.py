import contextlib
import json
import socket
import threading

import pytest

from kvasir import Kvasir, KvError, watch


def test_changes_are_told_in_order_from_when_the_watch_was_made(kv):
    kv.put("a/before", "")
    with kv.watch("a/") as changes:
        first = kv.put("a/1", "")
        kv.put("b", "")
        kv.delete("a/1")
        kv.atomic().put("a/2", "").put("a/3", "").commit()
        told = [next(changes) for _ in range(4)]
    assert [(change.type, change.key) for change in told] == [
        ("put", "a/1"),
        ("delete", "a/1"),
        ("put", "a/2"),
        ("put", "a/3"),
    ]
    assert told[0].version == first.version
    assert len({change.position for change in told}) == 4
    assert [change.more for change in told] == [False, False, True, False]
    assert list(changes) == []


def test_a_watch_resumes_from_a_position(kv):
    kv.put("1", "")
    before = kv.position()
    kv.atomic().put("2", "").put("3", "").commit()
    with kv.watch(since=before) as changes:
        second, third = next(changes), next(changes)
        assert [second.key, third.key] == ["2", "3"]
    with kv.watch(since=second.position) as changes:
        assert next(changes) == third


def test_a_watch_ends_when_another_thread_closes_it(kv):
    changes = kv.watch()
    seen = []
    reader = threading.Thread(target=lambda: seen.extend(changes))
    reader.start()
    changes.close()
    reader.join(10)
    assert not reader.is_alive() and seen == []


def test_errors_are_raised_when_the_watch_is_made(kv, url):
    with pytest.raises(KvError, match="namespace_not_found"):
        Kvasir(url).namespace("nowhere").watch()
    with pytest.raises(TypeError):
        kv.watch(since=1)
    with pytest.raises(KvError, match="bad_request"):
        kv.watch(since="1")


def event(kind, key, version, position, more=False):
    told = json.dumps({"key": key, "version": version, **({"more": True} if more else {})})
    return f"id: {position}\nevent: {kind}\ndata: {told}\n\n"


def serve(*streams):
    """A server that sends one stream on each connection and then closes it. Also returns the requests."""
    server = socket.create_server(("127.0.0.1", 0))
    asked = []

    def run():
        with contextlib.suppress(OSError):
            for stream in streams:
                connection, _ = server.accept()
                asked.append(connection.recv(65_536).split()[1].decode().split("/")[-1])
                head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
                connection.sendall((head + stream).encode())
                connection.close()

    threading.Thread(target=run, daemon=True).start()
    return server, asked


def test_a_watch_that_is_cut_off_resumes_and_tells_nothing_twice(monkeypatch):
    monkeypatch.setattr(watch, "WATCH_RESUME_DELAY_SECONDS", 0)
    server, asked = serve(
        "id: p5\n\n: heartbeat\n\n" + event("put", "a", 6, "p6") + event("put", "b", 7, "p7.1", more=True),
        event("put", "c", 7, "p7") + "id: p9\n\n",
        event("expire", "d", 10, "p10"),
    )
    with server:
        kv = Kvasir(f"http://127.0.0.1:{server.getsockname()[1]}").namespace("n")
        with kv.watch("p") as changes:
            told = [next(changes) for _ in range(4)]
    assert [(change.type, change.key, change.version, change.position) for change in told] == [
        ("put", "a", 6, "p6"),
        ("put", "b", 7, "p7.1"),
        ("put", "c", 7, "p7"),
        ("expire", "d", 10, "p10"),
    ]
    assert asked == ["?watch=true&prefix=p", "?watch=true&prefix=p&since=p7.1", "?watch=true&prefix=p&since=p9"]


def test_a_watch_that_fell_behind_says_so(monkeypatch):
    server, _ = serve('event: error\ndata: {"code":"watch_behind","message":"too slow","hint":"again"}\n\n')
    with server:
        kv = Kvasir(f"http://127.0.0.1:{server.getsockname()[1]}").namespace("n")
        with pytest.raises(KvError, match="watch_behind"):
            next(kv.watch())


def test_a_watch_gives_up_on_a_server_that_is_gone(monkeypatch):
    monkeypatch.setattr(watch, "WATCH_RESUME_DELAY_SECONDS", 0)
    server, _ = serve("id: 5\n\n")
    kv = Kvasir(f"http://127.0.0.1:{server.getsockname()[1]}").namespace("n")
    changes = kv.watch()
    server.close()
    with pytest.raises(KvError, match="unavailable"):
        next(changes)
