"""The runner as a process, tested over HTTP."""

import http.client
import re
import signal
import socket
import threading

import pytest

from runner_process import failing_start


@pytest.mark.parametrize(
    "returned, status, content_type, body",
    [
        ("'text'", 200, "text/plain; charset=utf-8", b"text"),
        ("b'bytes'", 200, "application/octet-stream", b"bytes"),
        ("None", 204, None, b""),
        ("{'body': 'x', 'status': 201}", 201, "text/plain; charset=utf-8", b"x"),
        ("{'body': {'a': 1}, 'statusCode': 404}", 404, "application/json; charset=utf-8", b'{"a":1}'),
        ("{'body': 'x', 'headers': {'Content-Type': 'text/html'}}", 200, "text/html", b"x"),
        ("{'name': 'Ada'}", 200, "application/json; charset=utf-8", b'{"name":"Ada"}'),
        ("{}", 200, "application/json; charset=utf-8", b"{}"),
        ("[1, 'ü']", 200, "application/json; charset=utf-8", '[1,"ü"]'.encode()),
        ("('gone', 410)", 410, "text/plain; charset=utf-8", b"gone"),
        ("('x', 202, {'X-A': 'b'})", 202, "text/plain; charset=utf-8", b"x"),
        ("Response('x', status=418, headers={'A': 'b'})", 418, "text/plain; charset=utf-8", b"x"),
        ("Response({'a': 1})", 200, "application/json; charset=utf-8", b'{"a":1}'),
        ("iter(['a', b'b'])", 200, "text/plain; charset=utf-8", b"ab"),
    ],
)
def test_what_a_function_returns_is_an_answer(evaluating, returned, status, content_type, body):
    for runner in evaluating:
        got_status, headers, got_body = runner.ask("/", "POST", returned.encode())
        assert (got_status, headers["Content-Type"], got_body) == (status, content_type, body)


def test_the_request_is_all_there(run):
    runner = run(
        """
async def handler(request):
    return {
        "method": request.method, "url": request.url, "path": request.path, "query": request.query,
        "agent": request.headers.get("USER-agent"), "missing": request.headers.get("X-No"),
        "json": await request.json(), "text": await request.text(),
    }
"""
    )
    _, _, body = runner.ask("/a%20b?x=1&y=%26&x=2", "POST", '{"n": 1}', {"User-Agent": "test"})
    import json

    assert json.loads(body) == {
        "method": "POST",
        "url": f"http://127.0.0.1:{runner.port}/a%20b?x=1&y=%26&x=2",
        "path": "/a%20b",
        "query": {"x": "1", "y": "&"},
        "agent": "test",
        "missing": None,
        "json": {"n": 1},
        "text": '{"n": 1}',
    }


def test_a_plain_function_reads_its_body_without_await(run):
    runner = run("def handler(request):\n    return request.json()['a']\n")
    assert runner.ask("/", "POST", '{"a": "b"}')[2] == b"b"


def test_an_exception_is_500_with_the_users_traceback_on_stderr_and_the_next_request_works(run):
    runner = run(
        """
def inner():
    raise ValueError("bad luck")

async def handler(request):
    if request.path == "/bad":
        inner()
    return "fine"
"""
    )
    status, _, body = runner.ask("/bad")
    assert (status, body) == (500, b"Internal Server Error\n")
    assert runner.ask()[2] == b"fine"
    code, errors = runner.stop()
    assert code == 0
    assert "ValueError: bad luck" in errors and 'function.py", line 3' in errors
    assert "kvasir" not in errors


def test_bodies_stream_both_ways(run):
    runner = run(
        """
async def handler(request):
    async def louder():
        async for piece in request.stream():
            yield piece.upper()
    return Response(louder())
"""
    )
    with socket.create_connection(("127.0.0.1", runner.port), timeout=10) as sock:
        answer = sock.makefile("rb")
        sock.sendall(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        # The response begins while the request is still being sent.
        while answer.readline() != b"\r\n":
            pass
        assert answer.read(8) == b"3\r\nONE\r\n"
        sock.sendall(b"3\r\ntwo\r\n0\r\n\r\n")
        assert answer.read() == b"3\r\nTWO\r\n0\r\n\r\n"


def test_a_stream_that_fails_does_not_look_whole(run):
    runner = run(
        """
async def pieces():
    yield "first"
    raise RuntimeError("in the middle")

async def handler(request):
    return pieces()
"""
    )
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        runner.ask()
    assert "in the middle" in runner.stop()[1]


def test_connections_are_kept_and_requests_answered_in_order(run):
    runner = run("async def handler(request):\n    return request.path\n")
    with socket.create_connection(("127.0.0.1", runner.port)) as sock:
        sock.sendall(b"GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi")
        received = b""
        while received.count(b"HTTP/1.1 200") < 2 or not received.endswith(b"/2"):
            received += sock.recv(4096)
    assert received.index(b"/1") < received.index(b"/2")


def test_requests_run_at_the_same_time(run):
    code = """
import threading
barrier = {kind}.Barrier(3)
{definition} handler(request):
    {wait}
    return "all there"
"""
    plain = run(code.format(kind="threading", definition="def", wait="barrier.wait(5)"))
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(plain.ask()[2])) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [b"all there"] * 3


@pytest.mark.parametrize(
    "sent, status",
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nA : b\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20_000, 431),
    ],
)
def test_what_is_no_request_is_refused(evaluating, sent, status):
    runner, _ = evaluating
    with socket.create_connection(("127.0.0.1", runner.port)) as sock:
        sock.sendall(sent)
        assert sock.recv(100).startswith(b"HTTP/1.1 %d" % status)
    assert runner.ask("/", "POST", "'fine'")[2] == b"fine"


@pytest.mark.parametrize("header", ["{'A\\r\\nB': 'c'}", "{'A': 'b\\r\\nC: d'}", "{'A B': 'c'}"])
def test_headers_cannot_be_smuggled_in(evaluating, header):
    runner, _ = evaluating
    assert runner.ask("/", "POST", f"Response('x', headers={header})")[0] == 500


def test_modules_need_no_import_and_the_users_own_names_win(run):
    runner = run(
        """
def kv_get(key):
    return "mine"

async def handler(request):
    return json.dumps([kv_get("x"), math.floor(1.5), shared(), urllib.parse.quote("a b")])
""",
        prelude="def shared():\n    return 'from prelude.py'\n",
    )
    assert runner.ask()[2] == b'["mine", 1, "from prelude.py", "a%20b"]'


def test_a_package_that_is_missing_is_named_with_what_to_do(run):
    runner = run("async def handler(request):\n    return requests.get('x')\n", "--show-errors", requests="raise ModuleNotFoundError")
    assert b"-m pip install requests" in runner.ask()[2]


@pytest.mark.parametrize(
    "code, message",
    [
        ("def handler(:\n", "function.py:1: SyntaxError"),
        ("x = 1\ny = z\n", "function.py:2: NameError"),
        ("x = 1\n", "defines no handler"),
        ("import no_such.module\n", "-m pip install no_such\n"),
    ],
)
def test_a_file_that_is_no_function_says_why(tmp_path, code, message):
    status, errors = failing_start(tmp_path, code)
    assert status == 1
    assert message in errors


def test_sigterm_lets_a_request_finish(run):
    runner = run(
        """
async def handler(request):
    print("started")
    await asyncio.sleep(0.3)
    return "finished"
"""
    )
    answers = []
    asking = threading.Thread(target=lambda: answers.append(runner.ask()[2]))
    asking.start()
    assert runner.process.stdout.readline() == "started\n"
    runner.process.send_signal(signal.SIGTERM)
    asking.join()
    assert answers == [b"finished"]
    assert runner.process.wait(10) == 0


def test_a_line_that_blocks_the_event_loop_is_named(run):
    runner = run(
        """
import time

def waits():
    time.sleep(2.2)

async def handler(request):
    waits()
    return "late"
"""
    )
    assert runner.ask()[2] == b"late"
    warning = runner.process.stderr.readline()
    assert re.search(r"function\.py:5 blocked the event loop for more than [12]\d\d\d ms", warning)


def test_a_plain_function_and_a_slow_async_one_block_nothing(run):
    runner = run(
        """
import time

def handler(request):
    time.sleep(2.2)
    return "late"
"""
    )
    assert runner.ask()[2] == b"late"
    assert runner.stop() == (0, "")
