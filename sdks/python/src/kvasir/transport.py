"""Requests to one namespace."""

from __future__ import annotations

import http.client
import json
import socket
from dataclasses import dataclass
from typing import Dict, Mapping, NoReturn, Optional, Tuple, Union

from .errors import KvError, kv_error
from .limits import ERROR_BYTES_MAX
from .pool import Pool

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

    def __init__(self, pool: Pool, *, headers: Mapping[str, str], base: str = ""):
        """
        :param headers: of every request
        :param base: what every path starts with
        """
        self._pool = pool
        self._headers = dict(headers)
        self._base = pool.base + base

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Optional[bytes] = None,
        headers: Optional[Mapping[str, HeaderValue]] = None,
        accept: Tuple[int, ...] = (),
        timeout_factor: int = 1,
    ) -> Reply:
        """
        :param accept: statuses other than 2xx that are not errors
        :param timeout_factor: multiplies the timeout
        :raises KvError: for every other status, and if there is no response ("unavailable")
        """
        sent: Dict[str, HeaderValue] = {**self._headers, **(headers or {})}
        reply = self._exchange(method, self._base + path, body, sent, timeout_factor)
        if 200 <= reply.status < 300 or reply.status in accept:
            return reply
        raise error_of(reply)

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

    def _exchange(
        self,
        method: str,
        path: str,
        body: Optional[bytes],
        headers: Mapping[str, HeaderValue],
        timeout_factor: int,
    ) -> Reply:
        for is_last in (False, True):
            connection, was_kept = self._pool.take(timeout_factor)
            try:
                connection.request(method, path, body=body, headers=headers)
                response = connection.getresponse()
                reply = Reply(response.status, response.headers, response.read())
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                # The server closed the connection while we were writing. Only a read is sent again, and only if
                # the connection broke: otherwise a silent server would cost the timeout twice.
                broke = isinstance(error, (ConnectionError, http.client.BadStatusLine))
                if was_kept and broke and method == "GET" and not is_last:
                    continue
                self._fail(error, timeout_factor)
            except BaseException:
                # Interrupted in the middle of a response. The rest must not be read as the next response.
                connection.close()
                raise
            if response.will_close:
                connection.close()
            else:
                self._pool.give_back(connection)
            return reply
        raise AssertionError("unreachable")

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


def error_of(reply: Reply) -> KvError:
    """Reads the error in a failed response."""
    try:
        error = json.loads(reply.body[:ERROR_BYTES_MAX])["error"]
        return kv_error(error["code"], error["message"], hint=error.get("hint"), status=reply.status)
    except (ValueError, KeyError, TypeError):
        return kv_error(
            "internal", f"The server responded {reply.status} without saying why", status=reply.status
        )
