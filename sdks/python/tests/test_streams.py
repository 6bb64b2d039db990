"""Values that are read and written piece by piece."""

import asyncio
import io
import os
import shutil
import socket
import threading

import pytest

from kvasir import AsyncNamespace, InvalidError, Kvasir, UnavailableError

BIG = os.urandom(1_000_000)


def test_a_value_is_written_from_a_file_and_read_into_one(kv, tmp_path):
    (tmp_path / "source").write_bytes(BIG)
    with open(tmp_path / "source", "rb") as source:
        written = kv.put_stream("big", source, metadata={"of": "file"}, ttl=3600)
    with kv.get_stream("big") as stream, open(tmp_path / "copy", "wb") as copy:
        assert (stream.version, stream.metadata) == (written.version, {"of": "file"})
        assert stream.expiration > 0
        shutil.copyfileobj(stream, copy)
    assert (tmp_path / "copy").read_bytes() == BIG
    assert kv.get_stream("nothing") is None
    assert not kv.put_stream("big", io.BytesIO(b"x"), if_absent=True)


def test_streams_share_the_connections_of_other_operations(kv):
    kv.put_stream("empty", iter([b"", b""]))
    kv.put("small", b"abc")
    for _ in range(5):
        for key, value in (("empty", b""), ("small", b"abc")):
            with kv.get_stream(key) as stream:
                assert b"".join(stream.chunks()) == value
    assert len(kv._transport._pool._idle.connections) == 1
    kv.put("big", BIG)
    with kv.get_stream("big") as stream:
        assert stream.read(10) == BIG[:10]
    with pytest.raises(ValueError, match="closed"):
        stream.read()
    assert kv.get("small") == "abc"  # Not the rest of the other value.


def test_what_the_source_raises_is_raised_and_nothing_is_written(kv):
    def failing():
        yield b"begin"
        raise OSError("the disk of the source")

    with pytest.raises(OSError, match="the disk of the source"):
        kv.put_stream("key", failing())
    with pytest.raises(TypeError, match="binary mode"):
        kv.put_stream("key", io.StringIO("text"))
    for source in ("text", b"bytes", 5):
        with pytest.raises(TypeError, match="binary file or an iterable"):
            kv.put_stream("key", source)
    assert kv.get("key") is None


def test_a_value_that_is_too_large_is_refused_by_name_and_not_as_a_broken_connection(kv):
    too_large = 26_214_401
    for put in (
        lambda: kv.put("key", bytes(too_large)),
        lambda: kv.put_stream("key", io.BytesIO(bytes(too_large))),
    ):
        with pytest.raises(InvalidError) as raised:
            put()
        assert raised.value.code == "value_too_large"


@pytest.mark.parametrize("framing", ["Content-Length: 10", "Transfer-Encoding: chunked"])
def test_a_value_that_is_cut_off_is_an_error(framing):
    def serve(server):
        connection, _ = server.accept()
        connection.recv(65_536)
        piece = b"5\r\nhalf!\r\n" if "chunked" in framing else b"half!"
        connection.sendall(f"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n".encode() + piece)
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        kv = Kvasir(f"http://127.0.0.1:{server.getsockname()[1]}").namespace("n")
        with kv.get_stream("key") as stream:
            assert stream.read(5) == b"half!"
            with pytest.raises(UnavailableError, match="cut off"):
                stream.read(5)


def test_asyncio_reads_and_writes_streams_too(kv):
    async def pieces(fails):
        yield b"one "
        await asyncio.sleep(0)
        if fails:
            raise LookupError("of the source")
        yield b"two"

    async def use():
        namespace = AsyncNamespace(kv)
        await namespace.put_stream("key", pieces(False), metadata=[1])
        async with await namespace.get_stream("key") as stream:
            assert stream.metadata == [1]
            assert [piece async for piece in stream.chunks(4)] == [b"one ", b"two"]
        with pytest.raises(LookupError, match="of the source"):
            await namespace.put_stream("other", pieces(True))
        assert await namespace.get("other") is None
        assert await namespace.get_stream("other") is None

    asyncio.run(use())


def test_many_entries_are_checked_before_the_first_is_written(kv):
    kv.put_many({str(number): str(number) for number in range(200)}, ttl=3600, metadata=[1])
    assert kv.count() == 200
    assert kv.get_many_with_metadata(["7"])["7"].metadata == [1]
    kv.delete_many(str(number) for number in range(200))
    assert kv.count() == 0
    for put in (lambda: kv.put_many({"a": "1", "": "2"}), lambda: kv.put_many({"a": "1", "b": 5})):
        with pytest.raises((TypeError, InvalidError)):
            put()
    assert kv.count() == 0
    with pytest.raises(InvalidError, match="expiration"):
        kv.put_many({str(number): "x" for number in range(50)}, ttl=1)


def test_bytes_that_are_not_utf_8_are_an_error_in_every_read_of_text(kv):
    kv.put_many({"bytes": b"\xff", "sign": "\ufffd"})
    for read in (
        lambda: kv.get("bytes"),
        lambda: kv.get_many(["sign", "bytes"]),
        lambda: kv.get_many_with_metadata(["bytes"]),
        lambda: kv.list(values=True),
        lambda: list(kv.keys(values=True)),
    ):
        with pytest.raises(InvalidError, match="'bytes' is not UTF-8"):
            read()
    assert kv.list("sign", values=True).keys[0].value == "\ufffd"
    assert kv.get_many_with_metadata(["sign"])["sign"].value == "\ufffd"
