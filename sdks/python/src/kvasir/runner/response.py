"""Converts return values of functions to responses."""

from __future__ import annotations

import json
import re
from typing import Any, AsyncIterable, Dict, Iterable, List, Mapping, Optional, Tuple, Union

#: A body in one piece, or an iterator of its pieces.
Body = Union[bytes, AsyncIterable[Any], Iterable[Any]]
HeaderItems = List[Tuple[str, str]]

TEXT = "text/plain; charset=utf-8"
JSON = "application/json; charset=utf-8"
BYTES = "application/octet-stream"

#: A dict with no other keys than these is a response. Any other dict is JSON.
_RESPONSE_KEYS = {"body", "headers", "status", "statusCode", "status_code"}
_TOKEN = re.compile(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
#: Headers that concern the connection, which the runner sets itself.
_FRAMING = {"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade", "trailer"}


class Response:
    """A response.

    :param body: ``str``, ``bytes``, ``None``, an (async) iterator of either, or any JSON value
    :param headers: a mapping, or pairs if names are repeated
    """

    def __init__(
        self,
        body: Any = None,
        status: int = 200,
        headers: Union[Mapping[str, str], Iterable[Tuple[str, str]], None] = None,
        *,
        status_code: Optional[int] = None,
    ):
        self.status = int(status if status_code is None else status_code)
        if not 200 <= self.status <= 599:
            raise ValueError(f"{self.status} is no status of an answer: it must be 200 to 599")
        items = list(headers.items() if hasattr(headers, "items") else headers or [])  # type: ignore[union-attr]
        self.headers: HeaderItems = [_header(name, value) for name, value in items]
        content_type, self.body = _encoded(body)
        if content_type is not None and not any(name.lower() == "content-type" for name, _ in self.headers):
            self.headers.append(("Content-Type", content_type))

    @property
    def is_streamed(self) -> bool:
        return not isinstance(self.body, bytes)


def response_of(result: Any) -> Response:
    """Converts a function's return value to a response.

    :raises TypeError: if the value cannot be converted
    """
    if isinstance(result, Response):
        return result
    if result is None:
        return Response(status=204)
    if isinstance(result, dict) and result and _RESPONSE_KEYS.issuperset(result):
        return _from_dict(result)
    if isinstance(result, tuple):
        return _from_tuple(result)
    if hasattr(result, "status_code") and hasattr(result, "headers"):
        return _from_foreign(result)
    return Response(result)


def _from_dict(result: Dict[str, Any]) -> Response:
    status = result.get("status", result.get("statusCode", result.get("status_code", 200)))
    return Response(result.get("body"), status, result.get("headers"))


def _from_tuple(result: Tuple[Any, ...]) -> Response:
    """``body, status``, ``body, headers`` or ``body, status, headers``."""
    body, *rest = result or (None,)
    status, headers = 200, None
    if len(rest) > 2:
        raise TypeError("A tuple that a function returns is (body, status), or (body, status, headers)")
    for part in rest:
        if isinstance(part, int):
            status = part
        else:
            headers = part
    return Response(body, status, headers)


def _from_foreign(result: Any) -> Response:
    """A response of httpx, requests or Starlette."""
    body = result.content if hasattr(result, "content") else result.body
    # These libraries have already decoded the body.
    dropped = _FRAMING | {"content-encoding"}
    headers = [(name, value) for name, value in result.headers.items() if name.lower() not in dropped]
    return Response(body, result.status_code, headers)


def _encoded(body: Any) -> Tuple[Optional[str], Body]:
    if body is None:
        return None, b""
    if isinstance(body, str):
        return TEXT, body.encode()
    if isinstance(body, (bytes, bytearray, memoryview)):
        return BYTES, bytes(body)
    if hasattr(body, "__aiter__") or hasattr(body, "__next__"):
        return TEXT, body
    try:
        return JSON, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"The function returned {type(body).__name__}, which is no body: {error}. "
            "Return str, bytes, a dict, a Response, or what JSON can say."
        ) from error


def _header(name: Any, value: Any) -> Tuple[str, str]:
    text = value if isinstance(value, str) else str(value)
    if not isinstance(name, str) or not _TOKEN.match(name):
        raise ValueError(f"{name!r} is no name of a header")
    if any(character in text for character in "\r\n\0"):
        raise ValueError(f"The header {name} has a line break in its value")
    return name, text


def head_of(response: Response, *, chunked: bool, close: bool, reason: str) -> bytes:
    """Status line and headers."""
    lines = [f"HTTP/1.1 {response.status} {reason}"]
    lines += [f"{name}: {value}" for name, value in response.headers if name.lower() not in _FRAMING]
    if chunked:
        lines.append("Transfer-Encoding: chunked")
    elif response.status not in (204, 304) and isinstance(response.body, bytes):
        lines.append(f"Content-Length: {len(response.body)}")
    if close:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
