"""Connections to one server over TCP, TLS or a unix socket. Idle connections are kept."""

from __future__ import annotations

import http.client
import os
import select
import socket
import ssl
import threading
from typing import List, Optional, Tuple
from urllib.parse import urlsplit

from .limits import IDLE_CONNECTIONS_MAX


class Pool:
    """Can be used by any number of threads, and by processes that were forked later."""

    def __init__(self, url: str, timeout: float):
        """
        :param url: ``http://...``, ``https://...`` or ``unix:/path/of/socket``
        :param timeout: longest silence, in seconds
        """
        self.url = url
        self.timeout = timeout
        self._idle = _Idle()
        #: The start of every path.
        self.base = ""
        wrong = ValueError(f"{url!r} is no address of a Kvasir server: give http://host:port or unix:/path")
        if not isinstance(url, str):
            raise wrong
        if url.startswith("unix:"):
            return
        try:
            parts = urlsplit(url)
            parts.port  # Read here, because it raises for a port that cannot be.
        except ValueError:
            raise wrong from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise wrong
        self.base = parts.path.rstrip("/")

    def take(self, timeout_factor: int = 1) -> Tuple[http.client.HTTPConnection, bool]:
        """Returns a connection, and whether it was used before.

        :param timeout_factor: multiplies the timeout
        """
        connection, was_kept = self._take()
        connection.timeout = self.timeout * timeout_factor
        if connection.sock is not None:
            connection.sock.settimeout(connection.timeout)
        return connection, was_kept

    def _take(self) -> Tuple[http.client.HTTPConnection, bool]:
        idle = self._own_idle()
        while True:
            with idle.lock:
                if not idle.connections:
                    return self.connect(), False
                connection = idle.connections.pop()
            if not _is_closed(connection.sock):
                return connection, True
            connection.close()

    def give_back(self, connection: http.client.HTTPConnection) -> None:
        idle = self._own_idle()
        with idle.lock:
            if len(idle.connections) < IDLE_CONNECTIONS_MAX:
                idle.connections.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Closes the idle connections. The pool stays usable."""
        idle, self._idle = self._own_idle(), _Idle()
        with idle.lock:
            connections, idle.connections = idle.connections, []
        for connection in connections:
            connection.close()

    def connect(self) -> http.client.HTTPConnection:
        """Opens a new connection."""
        timeout = self.timeout
        if self.url.startswith("unix:"):
            return _UnixConnection(self.url[len("unix:") :], timeout)
        parts = urlsplit(self.url)
        host = str(parts.hostname)
        if parts.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=context)
        return _TcpConnection(host, parts.port, timeout=timeout)

    def _own_idle(self) -> "_Idle":
        """Drops the parent's connections in a forked child: both would read each other's responses."""
        idle = self._idle
        if idle.pid != os.getpid():
            # Without the lock, because it may be held by a thread that does not exist in the child.
            for connection in idle.connections:
                connection.close()
            idle = self._idle = _Idle()
        return idle


class _Idle:
    """The idle connections of one process."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.lock = threading.Lock()
        self.connections: List[http.client.HTTPConnection] = []

    def __del__(self) -> None:
        for connection in self.connections:
            connection.close()


class _TcpConnection(http.client.HTTPConnection):
    def connect(self) -> None:
        super().connect()
        # Head and body are sent separately. The body must not wait until the head is acknowledged.
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
    """Whether the server has closed an idle connection. Only then is there something to read."""
    if sock is None:
        return True
    try:
        return bool(select.select([sock], [], [], 0)[0])
    except (OSError, ValueError):
        return True
