"""Sends requests for Telnyx's storage API to Kvasir. Programs with a Telnyx helper of their own run unchanged.

It works below the libraries' own interfaces, so that timeouts, errors and streams stay theirs. A library is changed
when the function imports it. No other request is touched.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import os
import socket
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence
from urllib.parse import urlsplit

HOST = "api.telnyx.com"
STORAGE = "/v2/storage/kvs"


class Endpoint:
    """The address of the functions' endpoint, and the headers that it asks for."""

    def __init__(self, environment: Mapping[str, str]):
        address = environment["KVASIR_FUNCTIONS_ENDPOINT"]
        #: Of a unix socket; "" if the endpoint is a port.
        self.path = address[len("unix:") :] if address.startswith("unix:") else ""
        host, _, port = ("" if self.path else address).rpartition(":")
        self.host, self.port = host, int(port or 0)
        self.headers = {"Kvasir-Namespaces": environment["KVASIR_FUNCTIONS_NAMESPACES"]}
        secret = environment.get("KVASIR_FUNCTIONS_SECRET")
        if secret:
            self.headers["Kvasir-Secret"] = secret

    def connect(self, timeout: Any) -> socket.socket:
        if not self.path:
            return socket.create_connection((self.host, self.port))
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        if isinstance(timeout, (int, float)):
            sock.settimeout(timeout)
        sock.connect(self.path)
        return sock


def reroute(environment: Mapping[str, str] = os.environ) -> None:
    """Begins to reroute, if this process is a function that Kvasir runs."""
    if "KVASIR_FUNCTIONS_ENDPOINT" not in environment or "KVASIR_FUNCTIONS_NAMESPACES" not in environment:
        return
    endpoint = Endpoint(environment)
    hooks: Dict[str, Callable[[Any, Endpoint], None]] = {
        "urllib.request": _change_urllib,
        "urllib3.connectionpool": _change_urllib3,
        "httpx._transports.default": _change_httpx,
        "aiohttp.connector": _change_aiohttp,
    }
    for name, change in list(hooks.items()):
        if name in sys.modules:
            change(sys.modules[name], endpoint)
            del hooks[name]
    sys.meta_path.insert(0, _AfterImport(hooks, endpoint))


def _is_storage(host: Optional[str], path: str) -> bool:
    path = path.partition("?")[0]
    return (host or "").lower() == HOST and (path == STORAGE or path.startswith(STORAGE + "/"))


class _AfterImport(importlib.abc.MetaPathFinder):
    """Changes modules right after they were imported."""

    def __init__(self, hooks: Dict[str, Callable[[Any, Endpoint], None]], endpoint: Endpoint):
        self._hooks, self._endpoint = hooks, endpoint

    def find_spec(
        self, fullname: str, path: Optional[Sequence[str]], target: Optional[ModuleType] = None
    ) -> Optional[ModuleSpec]:
        change = self._hooks.pop(fullname, None)
        if change is None:
            return None
        spec = importlib.util.find_spec(fullname)
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def load_and_change(module: ModuleType) -> None:
            load(module)
            change(module, self._endpoint)

        spec.loader.exec_module = load_and_change  # type: ignore[method-assign]
        return spec


def _change_urllib(module: Any, endpoint: Endpoint) -> None:
    import http.client

    original = module.HTTPSHandler.https_open

    class Connection(http.client.HTTPConnection):
        def connect(self) -> None:
            self.sock = endpoint.connect(self.timeout)

    def connection(host: str, timeout: Any = None, **_: Any) -> Connection:
        return Connection(host, timeout=timeout)

    def https_open(self: Any, request: Any) -> Any:
        parts = urlsplit(request.full_url)
        if not _is_storage(parts.hostname, parts.path):
            return original(self, request)
        request.host, request._tunnel_host = HOST, None  # A proxy is not on the way.
        for name, value in endpoint.headers.items():
            request.add_unredirected_header(name, value)
        return self.do_open(connection, request)

    module.HTTPSHandler.https_open = https_open


def _change_urllib3(module: Any, endpoint: Endpoint) -> None:
    """Also that of requests."""

    class Connection(module.HTTPConnectionPool.ConnectionCls):  # type: ignore[misc]
        def _new_conn(self) -> socket.socket:
            return endpoint.connect(self.timeout)

    class Pool(module.HTTPConnectionPool):  # type: ignore[misc]
        ConnectionCls = Connection

    original = module.HTTPSConnectionPool.urlopen
    pools: List[Any] = []

    def urlopen(self: Any, method: str, url: str, body: Any = None, headers: Any = None, *args: Any, **options: Any) -> Any:
        if not _is_storage(self.host, urlsplit(url).path):
            return original(self, method, url, body, headers, *args, **options)
        if not pools:
            pools.append(Pool(HOST))
        sent = {**(self.headers if headers is None else headers), **endpoint.headers}
        return pools[0].urlopen(method, url, body, sent, *args, **options)

    module.HTTPSConnectionPool.urlopen = urlopen


def _change_httpx(module: Any, endpoint: Endpoint) -> None:
    # The program has it. It is not a dependency of this package.
    httpx: Any = importlib.import_module("httpx")

    def rerouted(request: Any) -> Any:
        url = request.url.copy_with(scheme="http", host=endpoint.host or "kvasir", port=endpoint.port or None)
        headers = [*request.headers.raw, *((name.encode(), value.encode()) for name, value in endpoint.headers.items())]
        return httpx.Request(request.method, url, headers=headers, stream=request.stream, extensions=request.extensions)

    def transport(kind: Any) -> Any:
        # Idle connections would outlive the client.
        limits = httpx.Limits(max_keepalive_connections=0)
        return kind(uds=endpoint.path or None, limits=limits, trust_env=False)

    def is_storage(request: Any) -> bool:
        return request.url.scheme == "https" and _is_storage(request.url.host, request.url.path)

    original = module.HTTPTransport.handle_request
    original_async = module.AsyncHTTPTransport.handle_async_request

    def handle_request(self: Any, request: Any) -> Any:
        if not is_storage(request):
            return original(self, request)
        return original(transport(module.HTTPTransport), rerouted(request))

    async def handle_async_request(self: Any, request: Any) -> Any:
        if not is_storage(request):
            return await original_async(self, request)
        return await original_async(transport(module.AsyncHTTPTransport), rerouted(request))

    module.HTTPTransport.handle_request = handle_request
    module.AsyncHTTPTransport.handle_async_request = handle_async_request


def _change_aiohttp(module: Any, endpoint: Endpoint) -> None:
    class Connector(module.BaseConnector):  # type: ignore[misc]
        async def _create_connection(self, req: Any, traces: Any, timeout: Any) -> Any:
            loop = self._loop
            if endpoint.path:
                _, protocol = await loop.create_unix_connection(self._factory, endpoint.path)
            else:
                _, protocol = await loop.create_connection(self._factory, endpoint.host, endpoint.port)
            return protocol

    original = module.TCPConnector.connect

    async def connect(self: Any, req: Any, traces: Any, timeout: Any) -> Any:
        if req.url.scheme != "https" or not _is_storage(req.url.host, req.url.raw_path):
            return await original(self, req, traces, timeout)
        for name, value in endpoint.headers.items():
            req.headers[name] = value
        return await Connector(force_close=True).connect(req, traces, timeout)

    module.TCPConnector.connect = connect
