"""The client of a server."""

from __future__ import annotations

import math
import os
import re
from functools import lru_cache
from typing import Dict, Mapping, Optional
from urllib.parse import quote

from .aio import AsyncNamespace
from .arguments import whole
from .limits import ENVIRONMENT_NAMESPACES_MAX, RETRIES, TIMEOUT_SECONDS
from .namespace import Namespace
from .pool import Pool
from .transport import Transport


class Kvasir:
    """A Kvasir server. Its namespaces share connections.

    >>> with Kvasir(url, timeout=2) as kvasir:
    ...     flags = kvasir.namespace(namespace_id)
    ...     flags.put("dark-mode", "on").ok
    True
    """

    def __init__(
        self,
        url: str,
        token: Optional[str] = None,
        *,
        timeout: float = TIMEOUT_SECONDS,
        retries: int = RETRIES,
    ):
        """
        :param url: of the API, for example ``http://127.0.0.1:8788``
        :param token: from ``kvasir token create``; ``kvasir dev`` needs none
        :param timeout: seconds of silence after which an operation raises KvError "unavailable"
        :param retries: how often a read whose connection failed, or a request that the server refused for now, is
            repeated; what timed out is not
        """
        self._headers: Dict[str, str] = {} if token is None else {"Authorization": f"Bearer {_token(token)}"}
        self._pool = Pool(url, _seconds(timeout))
        self._retries = whole("retries", retries)

    def namespace(self, namespace_id: str) -> Namespace:
        """Returns a namespace by its id: 32 hex digits or a UUID."""
        base = f"/binding/{quote(_stored_id(namespace_id), safe='')}"
        return Namespace(Transport(self._pool, headers=self._headers, base=base, retries=self._retries))

    def async_namespace(self, namespace_id: str) -> AsyncNamespace:
        """The same for asyncio.

        >>> async def greet() -> Optional[str]:
        ...     async with Kvasir(url) as kvasir:
        ...         flags = kvasir.async_namespace(namespace_id)
        ...         await flags.put("greeting", "hello")
        ...         return await flags.get("greeting")
        >>> asyncio.run(greet())
        'hello'
        """
        return AsyncNamespace(self.namespace(namespace_id))

    def close(self) -> None:
        """Closes idle connections. The client stays usable."""
        self._pool.close()

    def __enter__(self) -> "Kvasir":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> "Kvasir":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()


def namespace_from_environment(
    namespace_id: Optional[str] = None,
    environment: Mapping[str, str] = os.environ,
    *,
    timeout: float = TIMEOUT_SECONDS,
) -> Namespace:
    """Returns the namespace in a function's environment. Calls for the same one share their connections.

    ``kvasir dev`` and ``kvasir serve`` set the environment. Elsewhere set ``KVASIR_URL``, ``KVASIR_TOKEN`` and
    ``KV_NAMESPACE_ID``.

    :param namespace_id: selects another namespace, for example ``os.environ["KV_FLAGS_ID"]``
    :param timeout: as for :class:`Kvasir`; keep it below the time limit of a function
    :raises RuntimeError: if the environment does not name one

    >>> environment = {"KVASIR_URL": url, "KV_NAMESPACE_ID": namespace_id}
    >>> namespace_from_environment(environment=environment).count()
    0
    """
    chosen = namespace_id or environment.get("KV_NAMESPACE_ID")
    if not chosen:
        raise RuntimeError("KV_NAMESPACE_ID is not set: it is the id of the namespace to use.")
    endpoint = environment.get("KVASIR_FUNCTIONS_ENDPOINT")
    if endpoint:
        url = endpoint if endpoint.startswith("unix:") else f"http://{endpoint}"
        secret = environment.get("KVASIR_FUNCTIONS_SECRET")
        prefix = environment.get("KVASIR_FUNCTIONS_PREFIX", "")
        return _function_namespace(url, secret, prefix, _stored_id(chosen), timeout)
    url = environment.get("KVASIR_URL", "")
    if not url:
        raise RuntimeError("KVASIR_URL is not set: it is the address of the API, as http://127.0.0.1:8788.")
    return _server(url, environment.get("KVASIR_TOKEN"), timeout).namespace(chosen)


@lru_cache(maxsize=ENVIRONMENT_NAMESPACES_MAX)
def _function_namespace(
    url: str, secret: Optional[str], prefix: str, stored_id: str, timeout: float
) -> Namespace:
    headers = {"Kvasir-Namespace": stored_id}
    if secret:
        headers["Kvasir-Secret"] = secret
    return Namespace(Transport(Pool(url, timeout), headers=headers, base=prefix))


@lru_cache(maxsize=ENVIRONMENT_NAMESPACES_MAX)
def _server(url: str, token: Optional[str], timeout: float) -> Kvasir:
    return Kvasir(url, token, timeout=timeout)


def _token(token: str) -> str:
    if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]+", token):
        raise ValueError("The token is not one of Kvasir's: it has characters that a header cannot carry")
    return token


def _seconds(timeout: float) -> float:
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not 0 < timeout < math.inf:
        raise ValueError(f"timeout is a number of seconds greater than 0, not {timeout!r}")
    return timeout


def _stored_id(namespace_id: str) -> str:
    """Converts an id to the server's form. Some APIs show its 32 hex digits as a UUID."""
    if not isinstance(namespace_id, str) or namespace_id == "":
        raise ValueError(f"namespace_id is the id of a namespace, not {namespace_id!r}")
    if re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", namespace_id):
        return namespace_id.replace("-", "").lower()
    return namespace_id
