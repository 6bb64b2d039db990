"""Connections to one server, kept while idle, on TCP, TLS or a unix socket."""

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
    """Any number of threads may use it, and processes that were forked after it was made."""

    def __init__(self, url: str, timeout: float):
        """
        :param url: ``http://...``, ``https://...`` or ``unix:/path/of/socket``
        :param timeout: longest silence, in seconds
        """
        self.url = url
        self.timeout = timeout
        self._idle = _Idle()
        #: What every path begins with.
        self.base = ""
        if url.startswith("unix:"):
            return
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no address of a Kvasir server: give http://host:port or unix:/path")
        self.base = parts.path.rstrip("/")

    def take(self, timeout_factor: int = 1) -> Tuple[http.client.HTTPConnection, bool]:
        """A connection, and whether it was used before.

        :param timeout_factor: how many times as long as usual the server may be silent
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
        """A new connection."""
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
        """A forked child has its parent's sockets. Used by both, each would read responses meant for the other."""
        idle = self._idle
        if idle.pid != os.getpid():
            # Not under the lock: a thread that does not exist in the child may hold it.
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
    """An idle connection has nothing to read, unless its other end is gone."""
    if sock is None:
        return True
    try:
        return bool(select.select([sock], [], [], 0)[0])
    except (OSError, ValueError):
        return True
