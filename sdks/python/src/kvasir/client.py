"""The way to a server."""

from __future__ import annotations

import os
from typing import Dict, Mapping, Optional
from urllib.parse import quote

from .aio import AsyncNamespace
from .limits import TIMEOUT_SECONDS
from .namespace import Namespace
from .transport import Transport


class Kvasir:
    """A Kvasir server.

    >>> kvasir = Kvasir("https://kv.example.com", "token")
    >>> flags = kvasir.namespace("0f2b4c6d8e0a41c3a5b7c9d1e3f50617")
    """

    def __init__(self, url: str, token: Optional[str] = None, *, timeout: float = TIMEOUT_SECONDS):
        """
        :param url: of the API, for example ``http://127.0.0.1:8788``
        :param token: from ``kvasir token create``; ``kvasir dev`` needs none
        :param timeout: seconds without an answer after which an operation raises KvError "unavailable"
        """
        self._url = url
        self._headers: Dict[str, str] = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._timeout = timeout

    def namespace(self, namespace_id: str) -> Namespace:
        """A namespace by its id."""
        base = f"/binding/{quote(namespace_id, safe='')}"
        return Namespace(Transport(self._url, headers=self._headers, base=base, timeout=self._timeout))

    def async_namespace(self, namespace_id: str) -> AsyncNamespace:
        """The same for asyncio."""
        return AsyncNamespace(self.namespace(namespace_id))


def namespace_from_environment(
    namespace_id: Optional[str] = None, environment: Mapping[str, str] = os.environ
) -> Namespace:
    """The namespace that a function's environment names.

    Inside ``kvasir dev`` and ``kvasir serve`` the way there is set; elsewhere ``KVASIR_URL``, ``KVASIR_TOKEN``
    and ``KV_NAMESPACE_ID`` say it.

    :param namespace_id: another one, for example ``os.environ["KV_FLAGS_ID"]``
    :raises RuntimeError: when the environment names none
    """
    chosen = namespace_id or environment.get("KV_NAMESPACE_ID")
    if not chosen:
        raise RuntimeError("KV_NAMESPACE_ID is not set: it is the id of the namespace to use.")
    endpoint = environment.get("KVASIR_FUNCTIONS_ENDPOINT")
    if endpoint:
        headers = {"Kvasir-Namespace": chosen.lower().replace("-", "") if _is_uuid(chosen) else chosen}
        secret = environment.get("KVASIR_FUNCTIONS_SECRET")
        if secret:
            headers["Kvasir-Secret"] = secret
        url = endpoint if endpoint.startswith("unix:") else f"http://{endpoint}"
        base = environment.get("KVASIR_FUNCTIONS_PREFIX", "")
        return Namespace(Transport(url, headers=headers, base=base))
    url = environment.get("KVASIR_URL")
    if not url:
        raise RuntimeError("KVASIR_URL is not set: it is the address of the API, as http://127.0.0.1:8788.")
    return Kvasir(url, environment.get("KVASIR_TOKEN")).namespace(chosen)


def _is_uuid(text: str) -> bool:
    return len(text) == 36 and [len(part) for part in text.split("-")] == [8, 4, 4, 4, 12]
