"""Converts arguments to the form that the server accepts, or raises before anything is sent."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta
from typing import Any, Dict, Optional, Union
from urllib.parse import quote, urlencode

from .errors import kv_error
from .limits import KEY_BYTES_MAX

Value = Union[str, bytes, bytearray, memoryview]
#: Whole seconds, or a timedelta.
Ttl = Union[int, timedelta]
#: Whole seconds since the epoch, or a datetime with a time zone.
Moment = Union[int, datetime]


def key_path(key: str) -> str:
    """Converts a key to the path of its entry.

    :raises KvError: "key_invalid" for names that would make another path, "key_too_long"
    """
    if not isinstance(key, str):
        raise TypeError(f"A key is a str, not {type(key).__name__}")
    if key == "":
        raise kv_error("key_invalid", "Key name cannot be empty.", hint="Use list() or keys() to see all keys.")
    if key in (".", ".."):
        raise kv_error("key_invalid", f'"{key}" is not allowed as a key name.')
    try:
        size = len(key.encode())
    except UnicodeEncodeError as error:
        raise kv_error("key_invalid", f"The key {key!r} is not valid Unicode") from error
    if size > KEY_BYTES_MAX:
        raise kv_error(
            "key_too_long", f"UTF-8 encoded length of {size} exceeds key length limit of {KEY_BYTES_MAX}."
        )
    return "/" + quote(key, safe="")


def value_bytes(value: Value) -> bytes:
    """:raises TypeError: except for text and bytes, because ``bytes(5)`` would be five NUL bytes"""
    if isinstance(value, str):
        return _utf8(value, "value_invalid", "The value")
    try:
        return memoryview(value).tobytes()
    except TypeError:
        raise TypeError(
            f"A value is str or bytes, not {type(value).__name__}. Use str(value), or put_json() to store it as JSON."
        ) from None


def ttl_seconds(ttl: Optional[Ttl], name: str = "ttl") -> Optional[int]:
    """Rounds up to whole seconds, so that no entry expires early."""
    if isinstance(ttl, timedelta):
        return math.ceil(ttl.total_seconds())
    return None if ttl is None else whole(name, ttl, "whole number of seconds, or a timedelta")


def epoch_seconds(expiration: Optional[Moment]) -> Optional[int]:
    if isinstance(expiration, datetime):
        if expiration.tzinfo is None:
            raise TypeError("expiration is a datetime without a time zone. Use datetime.now(timezone.utc) + ...")
        return math.ceil(expiration.timestamp())
    if expiration is None:
        return None
    return whole("expiration", expiration, "whole number of seconds since the epoch, or a datetime")


def whole(name: str, number: Any, wanted: str = "whole number") -> int:
    # True is an int in Python, but the caller never means it as one.
    if not isinstance(number, bool):
        if hasattr(number, "__index__"):
            return int(number.__index__())
        if isinstance(number, float) and number.is_integer():
            return int(number)
    raise TypeError(f"{name} is a {wanted}, not {number!r}")


def text(name: str, value: Any) -> str:
    """:raises TypeError: except for text, because ``str(0)`` is a prefix of keys"""
    if not isinstance(value, str):
        raise TypeError(f"{name} is a str, not {type(value).__name__}")
    _utf8(value, "key_invalid", name)
    return value


def optional_text(name: str, value: Any) -> Optional[str]:
    return None if value is None else text(name, value)


def flag(name: str, value: Any) -> bool:
    """:raises TypeError: except for a bool, because ``"false"`` is true"""
    if not isinstance(value, bool):
        raise TypeError(f"{name} is True or False, not {value!r}")
    return value


def version_number(version: Any, name: str = "if_version") -> int:
    number = whole(name, version, "version that an earlier result gave")
    if number < 0:
        raise kv_error("bad_request", f"Invalid {name} of {number}. Pass a version that an earlier result gave.")
    return number


def query_text(parameters: Dict[str, Union[str, int, bool, None]]) -> str:
    """``None`` and ``False`` are omitted."""
    given = {
        name: "true" if value is True else value
        for name, value in parameters.items()
        if value is not None and value is not False
    }
    return "?" + urlencode(given, quote_via=quote) if given else ""


def json_text(value: Any) -> str:
    """:raises ValueError: for NaN and the infinities, which are not JSON, and for text that is not valid Unicode"""
    found = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    _utf8(found, "value_invalid", "The value")
    return found


def _utf8(value: str, code: str, what: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        raise kv_error(code, f"{what} is not valid Unicode: it has half of a surrogate pair") from error
