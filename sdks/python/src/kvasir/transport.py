"""Requests to one namespace."""

from __future__ import annotations

import http.client
import itertools
import json
import socket
import time
from dataclasses import dataclass
from typing import Callable, Dict, List, Mapping, NoReturn, Optional, Tuple, Union

from .errors import KvError, kv_error
from .limits import ERROR_BYTES_MAX, RETRIES
from .pool import Pool
from .retries import delay_seconds, is_repeatable, retry_after_seconds
from .upload import Upload
from .value_stream import ValueStream

HeaderValue = Union[str, bytes]


@dataclass(frozen=True)
class Reply:
    """A complete response."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> object:
        return json.loads(self.body)


class EventStream:
    """The lines of an endless response."""

    def __init__(self, sock: socket.socket, response: http.client.HTTPResponse):
        self._sock = sock
        self._response = response
        self.readline = response.readline

    def close(self) -> None:
        """Closes the stream. A thread that waits for a line wakes up."""
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # Already closed.
        self._response.close()
        self._sock.close()


class Transport:
    """Sends requests. Any number of threads may use it."""

    def __init__(self, pool: Pool, *, headers: Mapping[str, str], base: str = "", retries: int = RETRIES):
        """
        :param headers: of every request
        :param base: what every path starts with
        :param retries: how often what is safe to repeat is repeated
        """
        self._pool = pool
        self._headers = dict(headers)
        self._base = pool.base + base
        self._retries = retries

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Union[bytes, Upload, None] = None,
        headers: Optional[Mapping[str, HeaderValue]] = None,
        accept: Tuple[int, ...] = (),
        timeout_factor: int = 1,
        safe: bool = False,
    ) -> Reply:
        """
        :param accept: statuses other than 2xx that are not errors
        :param timeout_factor: multiplies the timeout
        :param safe: the request changes nothing, as every GET
        :raises KvError: for every other status, and if there is no response ("unavailable")
        """
        request = self._request(method, path, body, headers, timeout_factor)

        def attempt() -> Reply:
            connection, response = self._begin(request)
            return self._read(request, connection, response)

        return self._repeat(attempt, request, accept, safe)

    def stream(self, path: str, *, accept: Tuple[int, ...]) -> Tuple[Reply, Optional[ValueStream]]:
        """Sends a GET whose body the caller reads. Another status than 200 has no stream."""
        request = self._request("GET", path, None, None, 1)
        streams: List[ValueStream] = []

        def attempt() -> Reply:
            connection, response = self._begin(request)
            if response.status != 200:
                return self._read(request, connection, response)

            def end(is_complete: bool) -> None:
                self._finish(connection, response, is_complete)

            streams.append(ValueStream(response, end))
            return Reply(response.status, response.headers, b"")

        reply = self._repeat(attempt, request, accept, True)
        return reply, streams[-1] if streams else None

    def events(self, path: str, timeout: float) -> "EventStream":
        """Opens an endless response on a separate connection.

        :param timeout: longest silence once it has begun, in seconds
        """
        connection = self._pool.connect()
        try:
            connection.request("GET", self._base + path, headers={**self._headers, "Accept": "text/event-stream"})
            sock = connection.sock
            response = connection.getresponse()
            if response.status == 200:
                sock.settimeout(timeout)
                return EventStream(sock, response)
            raise error_of(Reply(response.status, response.headers, response.read(ERROR_BYTES_MAX)))
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            self._fail(error)
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        self._pool.close()

    def _request(
        self,
        method: str,
        path: str,
        body: Union[bytes, Upload, None],
        headers: Optional[Mapping[str, HeaderValue]],
        timeout_factor: int,
    ) -> "_Request":
        sent: Dict[str, HeaderValue] = {**self._headers, **(headers or {})}
        if isinstance(body, Upload):
            sent["Transfer-Encoding"] = "chunked"
        return _Request(method, self._base + path, body, sent, timeout_factor)

    def _repeat(
        self, attempt: Callable[[], Reply], request: "_Request", accept: Tuple[int, ...], safe: bool
    ) -> Reply:
        for number in itertools.count():
            try:
                reply = attempt()
                if 200 <= reply.status < 300 or reply.status in accept:
                    return reply
                raise error_of(reply)
            except KvError as error:
                can_repeat = not isinstance(request.body, Upload) and is_repeatable(
                    error, safe=safe or request.method == "GET"
                )
                if number >= self._retries or not can_repeat:
                    raise
                time.sleep(delay_seconds(number, error))
        raise AssertionError("unreachable")

    def _begin(self, request: "_Request") -> Tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """Sends a request and reads the head of its response."""
        while True:
            connection, was_kept = self._pool.take(request.timeout_factor)
            try:
                return connection, _exchange(connection, request)
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                # The server closed the connection while we were writing. A read is sent again at once, on a
                # connection that is not idle. A silent server would cost the timeout twice.
                broke = isinstance(error, (ConnectionError, http.client.BadStatusLine))
                if was_kept and broke and request.method == "GET":
                    continue
                self._fail(error, request.timeout_factor)
            except BaseException:
                # Interrupted in the middle. The rest must not be read as the next response.
                connection.close()
                raise

    def _read(
        self,
        request: "_Request",
        connection: http.client.HTTPConnection,
        response: http.client.HTTPResponse,
    ) -> Reply:
        try:
            reply = Reply(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            self._fail(error, request.timeout_factor)
        except BaseException:
            connection.close()
            raise
        self._finish(connection, response, True)
        return reply

    def _finish(
        self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse, is_complete: bool
    ) -> None:
        if not is_complete or response.will_close:
            connection.close()
        else:
            response.close()
            self._pool.give_back(connection)

    def _fail(self, error: Exception, timeout_factor: int = 1) -> NoReturn:
        if isinstance(error, socket.timeout):
            raise kv_error(
                "unavailable",
                f"{self._pool.url} sent nothing for {self._pool.timeout * timeout_factor:g} s",
                hint="A write may or may not have been made. Pass timeout= to wait longer.",
            ) from error
        raise kv_error(
            "unavailable",
            f"{self._pool.url} does not respond: {error or type(error).__name__}",
            hint="Is the server running, and is the address right?",
        ) from error


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    body: Union[bytes, Upload, None]
    headers: Mapping[str, HeaderValue]
    timeout_factor: int


def _exchange(connection: http.client.HTTPConnection, request: _Request) -> http.client.HTTPResponse:
    streams = isinstance(request.body, Upload)
    try:
        connection.request(
            request.method, request.path, body=request.body, headers=request.headers, encode_chunked=streams
        )
    except (BrokenPipeError, ConnectionResetError):
        # A server that refuses a body may respond and close the connection before it has read all.
        if request.body is None or connection.sock is None:
            raise
    return connection.getresponse()


def error_of(reply: Reply) -> KvError:
    """Reads the error in a failed response."""
    try:
        told = json.loads(reply.body[:ERROR_BYTES_MAX])["error"]
        error = kv_error(told["code"], told["message"], hint=told.get("hint"), status=reply.status)
    except (ValueError, KeyError, TypeError):
        error = kv_error(
            "internal", f"The server responded {reply.status} without saying why", status=reply.status
        )
    error.retry_after = retry_after_seconds(reply.headers.get("Retry-After"))
    return error
