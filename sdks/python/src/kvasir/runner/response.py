"""Converts return values of functions to responses."""

from __future__ import annotations

import base64
import json
import re
from typing import Any, AsyncIterable, Dict, Iterable, List, Mapping, Optional, Tuple, Union

#: A body in one piece, or an iterator of its pieces.
Body = Union[bytes, AsyncIterable[Any], Iterable[Any]]
HeaderItems = List[Tuple[str, str]]

TEXT = "text/plain; charset=utf-8"
JSON = "application/json; charset=utf-8"
BYTES = "application/octet-stream"

_STATUS_KEYS = ("status", "statusCode", "status_code")
#: A dict with no other keys than these, and with a body or a whole number as status, is a response. Any other
#: dict is JSON. The last three are those of AWS Lambda.
_RESPONSE_KEYS = {"body", "headers", *_STATUS_KEYS, "cookies", "isBase64Encoded", "multiValueHeaders"}
_TOKEN = re.compile(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
#: Headers that concern the connection, which the runner sets itself.
_FRAMING = {"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade", "trailer"}


class Response:
    """A response.

    :param body: ``str``, ``bytes``, ``None``, an (async) iterator of either, or any JSON value
    :param headers: a mapping, or pairs if names are repeated; a list as value repeats its name
    """

    def __init__(
        self,
        body: Any = None,
        status: int = 200,
        headers: Union[Mapping[str, Any], Iterable[Tuple[str, Any]], None] = None,
        *,
        status_code: Optional[int] = None,
        adds_type: bool = True,
    ):
        self.status = int(status if status_code is None else status_code)
        if not 200 <= self.status <= 599:
            raise ValueError(f"{self.status} is not the status of a response, which is 200 to 599")
        self.headers: HeaderItems = []
        for name, value in headers.items() if hasattr(headers, "items") else headers or []:  # type: ignore[union-attr]
            values = value if isinstance(value, (list, tuple)) else [value]
            self.headers += [_header(name, item) for item in values]
        #: The length that the headers name, in bytes.
        self.length = _length(self.headers)
        content_type, self.body = _encoded(body)
        if adds_type and content_type is not None and not self._has("content-type"):
            self.headers.append(("Content-Type", content_type))

    def _has(self, name: str) -> bool:
        return any(each.lower() == name for each, _ in self.headers)


def streamed(pieces: Body, status: int, headers: HeaderItems) -> Response:
    """A response whose headers are complete."""
    response = Response(b"", status, headers, adds_type=False)
    response.body = pieces
    return response


def response_of(result: Any) -> Response:
    """Converts a function's return value to a response.

    :raises TypeError: if the value cannot be converted
    """
    if isinstance(result, Response):
        return result
    if result is None:
        return Response(status=204)
    if isinstance(result, dict) and _is_envelope(result):
        return _from_dict(result)
    if isinstance(result, tuple):
        return _from_tuple(result)
    if hasattr(result, "status_code") and hasattr(result, "headers"):
        return _from_foreign(result)
    return Response(result)


def _is_envelope(result: Dict[Any, Any]) -> bool:
    return _RESPONSE_KEYS.issuperset(result) and ("body" in result or _status_in(result) is not None)


def _status_in(result: Dict[str, Any]) -> Optional[int]:
    for key in _STATUS_KEYS:
        status = result.get(key)
        if isinstance(status, int) and not isinstance(status, bool):
            return status
    return None


def _from_dict(result: Dict[str, Any]) -> Response:
    status = next((result[key] for key in _STATUS_KEYS if key in result), 200)
    body = result.get("body")
    if result.get("isBase64Encoded") and isinstance(body, str):
        body = base64.b64decode(body, validate=True)
    response = Response(body, status, result.get("headers"))
    more = Response(None, status, result.get("multiValueHeaders")).headers
    more += [_header("Set-Cookie", cookie) for cookie in result.get("cookies") or []]
    repeated = {name.lower() for name, _ in more} - {"set-cookie"}
    response.headers = [item for item in response.headers if item[0].lower() not in repeated] + more
    return response


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
        return JSON, json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"The function returned {type(body).__name__}, which cannot be sent: {error}. "
            "Return str, bytes, a Response, or what JSON can express."
        ) from error


def _header(name: Any, value: Any) -> Tuple[str, str]:
    text = value if isinstance(value, str) else str(value)
    if not isinstance(name, str) or not _TOKEN.match(name):
        raise ValueError(f"{name!r} is not the name of a header")
    if any(character in text for character in "\r\n\0"):
        raise ValueError(f"The header {name} has a line break in its value")
    return name, text


def _length(headers: HeaderItems) -> Optional[int]:
    text = next((value for name, value in headers if name.lower() == "content-length"), "")
    return int(text) if text.isdigit() else None


def head_of(
    response: Response, *, chunked: bool, close: bool, reason: str, length: Optional[int] = None
) -> bytes:
    """Status line and headers.

    :param length: of the body, if it is known
    """
    lines = [f"HTTP/1.1 {response.status} {reason}"]
    lines += [f"{name}: {value}" for name, value in response.headers if name.lower() not in _FRAMING]
    if chunked:
        lines.append("Transfer-Encoding: chunked")
    elif response.status not in (204, 304) and length is not None:
        lines.append(f"Content-Length: {length}")
    if close:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
