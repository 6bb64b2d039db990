"""Connections: after a fork, to a server that stalls, shared and closed."""

import asyncio
import contextlib
import os
import socket
import threading
import time

import pytest

from kvasir import AsyncNamespace, Kvasir, KvError, UnavailableError
from kvasir.client import namespace_from_environment
from kvasir.limits import SCAN_TIMEOUT_FACTOR, TIMEOUT_SECONDS

READS = 150
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


@needs_fork
@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
def test_forked_processes_read_their_own_values(kv, asynchronous):
    for name in "01234":
        kv.put(name, f"value of {name}")
    again = AsyncNamespace(kv)

    def read(name):
        """Returns the number of wrong values that one process reads."""

        async def many():
            return await asyncio.wait_for(asyncio.gather(*(again.get(name) for _ in range(READS))), 20)

        values = asyncio.run(many()) if asynchronous else [kv.get(name) for _ in range(READS)]
        return sum(value != f"value of {name}" for value in values)

    assert read("0") == 0  # A child would inherit these connections and threads.
    children = []
    for name in "1234":
        child = os.fork()
        if child == 0:
            status = 2
            with contextlib.suppress(BaseException):
                status = 1 if read(name) else 0
            os._exit(status)
        children.append(child)
    wrong = read("0")
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0, 0, 0]
    assert wrong == 0


@needs_fork
def test_a_child_does_not_wait_for_a_lock_of_its_parents_thread(kv):
    kv.put("key", "value")
    with kv._transport._pool._idle.lock:
        child = os.fork()
        if child == 0:
            os._exit(0 if kv.get("key") == "value" else 1)
    # A child that hangs would hang the test, so it is killed instead.
    late = threading.Timer(20, os.kill, (child, 9))
    late.start()
    status = os.waitpid(child, 0)[1]
    late.cancel()
    assert status == 0


@pytest.fixture
def silent():
    """A server that accepts connections but never responds, like a stopped process."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_server_that_stalls_is_an_error_after_the_timeout(silent):
    kv = Kvasir(silent, timeout=0.2).namespace("n")
    uses = [
        (lambda: kv.get("key"), "0.2 s"),
        (lambda: kv.put("key", "value"), "0.2 s"),
        (lambda: kv.watch(), "0.2 s"),
        # Their duration depends on the number of keys.
        (lambda: kv.count(), "1 s"),
        (lambda: kv.delete_prefix("a"), "1 s"),
    ]
    for use, silence in uses:
        begun = time.monotonic()
        with pytest.raises(UnavailableError, match=f"sent nothing for {silence}") as raised:
            use()
        assert time.monotonic() - begun < 5
        assert raised.value.code == "unavailable" and "timeout=" in raised.value.hint


def test_a_read_is_not_waited_for_twice(monkeypatch):
    """The server stalls on a connection that worked before."""
    served = []

    def serve(server):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                served.append(connection)
                if len(served) == 1:
                    connection.recv(65_536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        kv = Kvasir(f"http://127.0.0.1:{server.getsockname()[1]}", timeout=0.2).namespace("n")
        assert kv.get("key") == "x"
        with pytest.raises(UnavailableError):
            kv.get("key")
        server.shutdown(socket.SHUT_RDWR)
    assert len(served) == 1


def test_the_timeout_is_below_the_limit_of_a_function():
    assert TIMEOUT_SECONDS == 5
    assert TIMEOUT_SECONDS * SCAN_TIMEOUT_FACTOR < 30  # The time limit of a function.


def test_namespaces_of_the_environment_share_their_connections(url, namespace_id):
    server = {"KVASIR_URL": url, "KV_NAMESPACE_ID": namespace_id}
    function = {"KVASIR_FUNCTIONS_ENDPOINT": "127.0.0.1:1", "KV_NAMESPACE_ID": namespace_id}
    for environment in (server, function):
        pools = {id(namespace_from_environment(environment=environment)._transport._pool) for _ in range(50)}
        assert len(pools) == 1
    client = Kvasir(url)
    assert client.namespace("a")._transport._pool is client.namespace("b")._transport._pool


def test_clients_close_with_their_block(url, namespace_id):
    with Kvasir(url) as client, client.namespace(namespace_id) as kv:
        kv.put("key", "value")
        idle = client._pool._idle.connections
        assert len(idle) == 1
        connection = idle[0]
    assert connection.sock is None
    assert kv.get("key") == "value"  # It connects again.
    client.close()


def test_ids_may_have_the_form_of_a_uuid(kv, url, namespace_id):
    i = namespace_id
    uuid = f"{i[:8]}-{i[8:12]}-{i[12:16]}-{i[16:20]}-{i[20:]}"
    kv.put("key", "value")
    for form in (uuid, uuid.upper()):
        assert Kvasir(url).namespace(form).get("key") == "value"
        assert namespace_from_environment(form, {"KVASIR_URL": url}).get("key") == "value"


def test_an_error_travels_between_processes(url):
    import pickle

    with pytest.raises(KvError) as raised:
        Kvasir(url).namespace("nowhere").get("key")
    copy = pickle.loads(pickle.dumps(raised.value))
    assert type(copy) is type(raised.value) is not KvError
    assert vars(copy) == vars(raised.value) and str(copy) == str(raised.value)
