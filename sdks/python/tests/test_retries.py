"""What is sent again, and what is not."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kvasir import Kvasir, KvError, OutcomeUnknownError, RateLimitedError, StorageError, UnavailableError


@pytest.fixture
def answering(monkeypatch):
    """A server that answers one request after the other as it is told, and a namespace of it."""
    monkeypatch.setattr("kvasir.transport.time.sleep", lambda seconds: pauses.append(seconds))
    pauses, answers, asked = [], [], []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self):
            asked.append(self.command)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = answers.pop(0)
            if answer is None:
                self.close_connection = True
                return
            status, code, *headers = answer
            body = b'{"count":"1","value":"1"}' if code is None else json.dumps({"error": {"code": code, "message": ""}}).encode()
            self.send_response(status)
            for name, value in [("Content-Length", str(len(body))), *headers]:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_DELETE = handle_one

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    client = Kvasir(f"http://127.0.0.1:{server.server_address[1]}")

    def play(operation, *told, kv=client.namespace("n")):
        answers[:], asked[:], pauses[:] = told, [], []
        try:
            return operation(kv), len(asked), list(pauses)
        except KvError as error:
            return error, len(asked), list(pauses)

    play.url = client._pool.url
    yield play
    server.shutdown()
    server.server_close()


OK = (200, None)
READS = [lambda kv: kv.get_bytes("k"), lambda kv: kv.count(), lambda kv: kv.get_many(["k"])]
WRITES = [
    lambda kv: kv.put("k", "v"),
    lambda kv: kv.delete("k"),
    lambda kv: kv.increment("k"),
    lambda kv: kv.atomic().delete("k").commit(),
]


@pytest.mark.parametrize("read", READS)
def test_reads_are_sent_again_when_the_connection_breaks_or_the_server_is_unavailable(answering, read):
    result, requests, _ = answering(read, None, (503, "unavailable"), OK)
    assert not isinstance(result, KvError) and requests == 3
    result, requests, _ = answering(read, *[(503, "unavailable")] * 4)
    assert isinstance(result, UnavailableError) and requests == 3


@pytest.mark.parametrize("write", WRITES)
def test_writes_are_not_when_it_is_unknown_whether_they_were_made(answering, write):
    for told, kind in (
        (None, UnavailableError),
        ((503, "unavailable"), UnavailableError),
        ((503, "outcome_unknown"), OutcomeUnknownError),
        ((507, "storage_full"), StorageError),
    ):
        result, requests, _ = answering(write, told, OK)
        assert type(result) is kind and requests == 1


@pytest.mark.parametrize("operation", [READS[0], WRITES[0], WRITES[2]])
def test_what_the_server_refused_for_now_is_sent_again_when_it_says(answering, operation):
    result, requests, pauses = answering(operation, (429, "rate_limited", ("Retry-After", "2")), OK)
    assert not isinstance(result, KvError) and requests == 2 and pauses == [2.0]
    result, requests, pauses = answering(operation, *[(429, "rate_limited", ("Retry-After", "3600"))] * 3)
    assert type(result) is RateLimitedError and result.retry_after == 3600.0
    assert requests == 3 and pauses == [5.0, 5.0]


def test_streams_are_sent_once_and_retries_can_be_turned_off(answering):
    refused = [(429, "rate_limited")] * 3
    assert answering(lambda kv: kv.put_stream("k", iter([b"v"])), *refused)[1] == 1
    without = Kvasir(answering.url, retries=0).namespace("n")
    assert answering(READS[0], *refused, kv=without)[1] == 1
