"""The shapes of programs that the runner takes, with what frameworks do on top of them."""

import json
import socket

import pytest

from runner_process import failing_start

ASGI = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        assert (await receive())["type"] == "lifespan.startup"
        scope["state"]["started"] = "yes"
        await send({"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"
        print("stopped", file=sys.stderr)
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message["body"]
        more = message["more_body"]
    told = {
        "path": scope["path"], "raw": scope["raw_path"].decode(), "query": scope["query_string"].decode(),
        "method": scope["method"], "state": scope["state"], "body": body.decode(), "client": scope["client"],
        "type": dict(scope["headers"]).get(b"content-type", b"").decode(), "scheme": scope["scheme"],
    }
    await send({"type": "http.response.start", "status": 201, "headers": [
        (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})
"""


def test_an_asgi_application_has_its_lifespan_and_the_whole_request(run):
    runner = run("import sys, json\n" + ASGI)
    status, headers, body = runner.ask(
        "/a%20b?x=1", "POST", "text", {"Content-Type": "text/plain", "CF-Connecting-IP": "203.0.113.7"}
    )
    assert (status, headers.get_all("set-cookie")) == (201, ["a=1", "b=2"])
    assert json.loads(body) == {
        "path": "/a b",
        "raw": "/a%20b",
        "query": "x=1",
        "method": "POST",
        "state": {"started": "yes"},
        "body": "text",
        "client": ["203.0.113.7", 0],
        "type": "text/plain",
        "scheme": "http",
    }
    code, errors = runner.stop()
    assert (code, errors) == (0, "stopped\n")


def test_an_asgi_application_streams_both_ways(run):
    runner = run(
        """
async def app(scope, receive, send):
    if scope["type"] != "http":
        raise RuntimeError("only http")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while True:
        message = await receive()
        if message["body"]:
            await send({"type": "http.response.body", "body": message["body"].upper(), "more_body": True})
        if not message["more_body"]:
            break
    await send({"type": "http.response.body"})
"""
    )
    with socket.create_connection(("127.0.0.1", runner.port), 10) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        lines = connection.makefile("rb")
        while lines.readline() != b"\r\n":
            pass
        for piece in (b"one", b"two"):
            connection.sendall(b"3\r\n%b\r\n" % piece)
            assert [lines.readline(), lines.readline()] == [b"3\r\n", piece.upper() + b"\r\n"]
        connection.sendall(b"0\r\n\r\n")
        assert lines.readline() == b"0\r\n"


def test_a_declared_length_is_kept_also_for_a_stream_and_for_head(run):
    runner = run(
        """
async def app(scope, receive, send):
    pieces = [b"ab", b"cd"] if scope["path"] == "/" else [b"abcdef", b"gh"]
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
    for piece in pieces if scope["method"] == "GET" else []:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
"""
    )
    _, headers, body = runner.ask()
    assert (headers["Content-Length"], headers["Transfer-Encoding"], body) == ("4", None, b"abcd")
    assert runner.ask("/", "HEAD")[1]["Content-Length"] == "4"
    with pytest.raises(Exception):
        runner.ask("/longer")
    assert "longer than its Content-Length, 4" in runner.stop()[1]


@pytest.mark.parametrize(
    "code, message",
    [
        ("raise ValueError('early')", "ValueError: early"),
        ("return", "ended before its response"),
        ("await send({'type': 'http.response.body'})", "before it has begun the response"),
        ("await send({'type': 'websocket.accept'})", "websocket.accept, which is not part"),
    ],
)
def test_an_asgi_application_that_fails_gives_500_and_the_next_request_works(run, code, message):
    runner = run(
        f"""
async def app(scope, receive, send):
    if scope["path"] == "/bad":
        {code}
    await send({{"type": "http.response.start", "status": 200, "headers": []}})
    await send({{"type": "http.response.body", "body": b"fine"}})
"""
    )
    assert runner.ask("/bad")[0] == 500
    assert runner.ask()[2] == b"fine"
    assert message in runner.stop()[1]


def test_an_asgi_application_hears_of_a_client_that_leaves_in_the_middle_of_its_body(run):
    runner = run(
        """
import sys
async def app(scope, receive, send):
    print((await receive())["body"], file=sys.stderr, flush=True)
    print((await receive())["type"], file=sys.stderr, flush=True)
"""
    )
    connection = socket.create_connection(("127.0.0.1", runner.port), 10)
    connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\npart")
    assert runner.process.stderr.readline() == "b'part'\n"
    connection.close()
    assert runner.process.stderr.readline() == "http.disconnect\n"


@pytest.mark.parametrize("path", ["/", "/begun"])
def test_an_asgi_application_hears_that_its_client_is_gone(run, path):
    runner = run(
        """
import sys
async def app(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    if scope["path"] == "/begun":
        await send({"type": "http.response.start", "status": 200, "headers": []})
    print("asked", file=sys.stderr, flush=True)
    print((await receive())["type"], file=sys.stderr, flush=True)
"""
    )
    connection = socket.create_connection(("127.0.0.1", runner.port), 10)
    connection.sendall(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % path.encode())
    assert runner.process.stderr.readline() == "asked\n"
    connection.close()
    assert runner.process.stderr.readline() == "http.disconnect\n"


def test_a_lifespan_that_fails_ends_the_start_with_its_reason(tmp_path):
    status, errors = failing_start(
        tmp_path,
        """
async def app(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})
""",
    )
    assert status == 1
    assert "function.py: no database" in errors


def test_a_wsgi_application_has_the_whole_request(run):
    runner = run(
        """
import json, sys
class Body:
    def __iter__(self):
        return iter([b"a", b"", b"b"])
    def close(self):
        print("closed", file=sys.stderr, flush=True)

def application(environ, start_response):
    if environ["PATH_INFO"] == "/stream":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return Body()
    if environ["PATH_INFO"] == "/write":
        start_response("200 OK", [])(b"written ")
        return [b"returned"]
    if environ["PATH_INFO"] == "/none":
        return []
    told = {name: environ[name] for name in ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE",
            "CONTENT_LENGTH", "HTTP_X_A", "wsgi.url_scheme", "REMOTE_ADDR")}
    told["body"] = environ["wsgi.input"].read().decode()
    start_response("404 Not Found", [("Content-Type", "application/json"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b")])
    return [json.dumps(told).encode()]
"""
    )
    status, headers, body = runner.ask("/%C3%BC?x=1", "POST", "text", {"X-A": "b", "Content-Type": "text/plain"})
    assert (status, headers.get_all("set-cookie"), headers["Content-Length"]) == (404, ["a=1", "b"], str(len(body)))
    assert json.loads(body) == {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/ü".encode().decode("latin-1"),
        "QUERY_STRING": "x=1",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "4",
        "HTTP_X_A": "b",
        "wsgi.url_scheme": "http",
        "REMOTE_ADDR": "127.0.0.1",
        "body": "text",
    }
    assert runner.ask("/stream")[2] == b"ab"
    assert runner.process.stderr.readline() == "closed\n"
    assert runner.ask("/write")[2] == b"written returned"
    assert runner.ask("/none")[0] == 500
    assert "without calling start_response" in runner.stop()[1]


@pytest.mark.parametrize(
    "code",
    [
        "from http.server import BaseHTTPRequestHandler\nclass handler(BaseHTTPRequestHandler):\n    {}",
        "{}",
    ],
    ids=["class", "functions"],
)
def test_do_get_is_called_as_http_server_does(run, code):
    methods = """def do_GET(self):
    self.send_response(202)
    self.send_header("X-Path", self.path)
    self.end_headers()
    self.wfile.write(b"got")

def do_POST(self):
    body = self.rfile.read(int(self.headers["Content-Length"]))
    self.send_response(200)
    self.end_headers()
    self.wfile.write(body.upper())
"""
    indent = "    " if "class" in code else ""
    runner = run(code.replace("{}", methods.replace("\n", "\n" + indent)))
    status, headers, body = runner.ask("/a?b=1")
    assert (status, headers["X-Path"], body) == (202, "/a?b=1", b"got")
    assert runner.ask("/", "POST", "text")[2] == b"TEXT"
    assert runner.ask("/", "PUT", "text")[0] == 501


def test_telnyx_new_is_started_once_and_handles(run):
    runner = run(
        """
import sys
class Function:
    def start(self, cfg):
        self.path = cfg["PATH"]
    async def handle(self, scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"path" if self.path else b""})
    def stop(self):
        print("stopped", file=sys.stderr)
def new():
    return Function()
"""
    )
    assert runner.ask()[2] == b"path"
    assert runner.stop() == (0, "stopped\n")


@pytest.mark.parametrize("wraps", ["@functools.wraps(handler)", ""])
@pytest.mark.parametrize("wrapper", ["def", "async def"])
def test_a_decorated_async_handler_gets_the_async_request(run, wraps, wrapper):
    returned = "await handler(request)" if wrapper == "async def" else "handler(request)"
    runner = run(
        f"""
import functools
def decorated(handler):
    {wraps}
    {wrapper} wrapper(request):
        return {returned}
    return wrapper

@decorated
async def handler(request):
    return await request.text()
"""
    )
    assert runner.ask("/", "POST", "text")[2] == b"text"


@pytest.mark.parametrize(
    "returned, status, content_type, body",
    [
        ("{'status': 'ok'}", 200, "application/json; charset=utf-8", b'{"status":"ok"}'),
        ("{'status': 'ok', 'headers': 1}", 200, "application/json; charset=utf-8", b'{"status":"ok","headers":1}'),
        ("{'status': True}", 200, "application/json; charset=utf-8", b'{"status":true}'),
        ("{'headers': {'a': 1}}", 200, "application/json; charset=utf-8", b'{"headers":{"a":1}}'),
        ("{'statusCode': 404}", 404, None, b""),
        (
            "{'statusCode': 200, 'body': 'AP8=', 'isBase64Encoded': True, 'headers': {'Content-Type': 'a/b'}}",
            200,
            "a/b",
            b"\x00\xff",
        ),
    ],
)
def test_a_dict_is_a_response_only_if_it_says_so(evaluating, returned, status, content_type, body):
    _, runner = evaluating
    got_status, headers, got_body = runner.ask("/", "POST", returned)
    assert (got_status, headers["Content-Type"], got_body) == (status, content_type, body)


def test_headers_repeat_and_what_json_cannot_express_is_refused(run):
    runner = run(
        """
def handler(request):
    if request.path == "/nan":
        return {"a": float("nan")}
    if request.path == "/lambda":
        return {"statusCode": 200, "body": "x", "cookies": ["a=1", "b=2"], "multiValueHeaders": {"X-A": ["1", "2"]},
                "headers": {"X-A": "0"}}
    return {"body": "x", "headers": {"Set-Cookie": ["a=1", "b=2"]}}
"""
    )
    assert runner.ask()[1].get_all("Set-Cookie") == ["a=1", "b=2"]
    headers = runner.ask("/lambda")[1]
    assert (headers.get_all("Set-Cookie"), headers.get_all("X-A")) == (["a=1", "b=2"], ["1", "2"])
    assert runner.ask("/nan")[0] == 500
    assert "which cannot be sent: Out of range float values" in runner.stop()[1]
