"""Requests to a Kvasir server over kept connections, on TCP, TLS or a unix socket."""

from __future__ import annotations

import http.client
import json
import select
import socket
import ssl
import threading
from dataclasses import dataclass
from typing import Dict, List, Mapping, Optional, Tuple, Union
from urllib.parse import urlsplit

from .errors import KvError
from .limits import ERROR_BYTES_MAX, IDLE_CONNECTIONS_MAX, TIMEOUT_SECONDS

HeaderValue = Union[str, bytes]


@dataclass(frozen=True)
class Reply:
    """An answer that was read to its end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> object:
        return json.loads(self.body)


class Transport:
    """Sends requests; any number of threads may use it."""

    def __init__(
        self, url: str, *, headers: Mapping[str, str], base: str = "", timeout: float = TIMEOUT_SECONDS
    ):
        """
        :param url: ``http://...``, ``https://...`` or ``unix:/path/of/socket``
        :param base: what every path starts with
        """
        self._url = url
        self._headers = dict(headers)
        self._timeout = timeout
        self._idle: List[http.client.HTTPConnection] = []
        self._lock = threading.Lock()
        if url.startswith("unix:"):
            self._base = base
            return
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no address of a Kvasir server: give http://host:port or unix:/path")
        self._base = parts.path.rstrip("/") + base

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Optional[bytes] = None,
        headers: Optional[Mapping[str, HeaderValue]] = None,
        accept: Tuple[int, ...] = (),
    ) -> Reply:
        """
        :param accept: statuses besides 2xx that are answers and no errors
        :raises KvError: for every other status, and when no answer comes ("unavailable")
        """
        sent: Dict[str, HeaderValue] = {**self._headers, **(headers or {})}
        reply = self._exchange(method, self._base + path, body, sent)
        if 200 <= reply.status < 300 or reply.status in accept:
            return reply
        raise error_of(reply)

    def close(self) -> None:
        """Closes the connections that nobody uses; the transport stays usable."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _exchange(
        self, method: str, path: str, body: Optional[bytes], headers: Mapping[str, HeaderValue]
    ) -> Reply:
        for is_last in (False, True):
            kept = self._kept()
            connection = kept or self._connect()
            try:
                connection.request(method, path, body=body, headers=headers)  # type: ignore[arg-type]
                response = connection.getresponse()
                reply = Reply(response.status, response.headers, response.read())
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                # The server closed it just when we wrote: nothing was read, and a read can be asked again.
                if kept is not None and method == "GET" and not is_last:
                    continue
                raise KvError(
                    "unavailable",
                    f"{self._url} does not answer: {error or type(error).__name__}",
                    hint="Is the server running, and is the address right?",
                ) from error
            self._keep(connection, response)
            return reply
        raise AssertionError("unreachable")

    def _kept(self) -> Optional[http.client.HTTPConnection]:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if not _is_closed(connection.sock):
                return connection
            connection.close()

    def _keep(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> None:
        if not response.will_close:
            with self._lock:
                if len(self._idle) < IDLE_CONNECTIONS_MAX:
                    self._idle.append(connection)
                    return
        connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        if self._url.startswith("unix:"):
            return _UnixConnection(self._url[len("unix:") :], self._timeout)
        parts = urlsplit(self._url)
        host = str(parts.hostname)
        if parts.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, parts.port, timeout=self._timeout, context=context)
        return _TcpConnection(host, parts.port, timeout=self._timeout)


class _TcpConnection(http.client.HTTPConnection):
    def connect(self) -> None:
        super().connect()
        # Head and body go out in two pieces; the second must not wait for the first one's acknowledgement.
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float):
        super().__init__("kvasir", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _is_closed(sock: Optional[socket.socket]) -> bool:
    """A connection with nothing under way has nothing to read, unless its other end is gone."""
    if sock is None:
        return True
    try:
        return bool(select.select([sock], [], [], 0)[0])
    except (OSError, ValueError):
        return True


def error_of(reply: Reply) -> KvError:
    """What an answer that is no success says went wrong."""
    try:
        error = json.loads(reply.body[:ERROR_BYTES_MAX])["error"]
        return KvError(error["code"], error["message"], hint=error.get("hint"), status=reply.status)
    except (ValueError, KeyError, TypeError):
        return KvError("internal", f"The server answered {reply.status} without saying why", status=reply.status)
