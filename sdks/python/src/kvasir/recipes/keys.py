"""Keys of recipes. All languages make the same ones."""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Sequence, Tuple

from ..errors import KvError, kv_error
from ..limits import KEY_BYTES_MAX
from .limits import CLIENT_KEY_LENGTH_MAX, STORE_TTL_SECONDS_MAX, STORE_TTL_SECONDS_MIN

_SURROGATE = re.compile("[\ud800-\udfff]")


def recipe_key(prefix: str, *parts: str) -> str:
    """Joins a prefix and parts with ":". ":" and "%" in a part are escaped, so different parts never collide.

    :raises InvalidError: "key_too_long", "key_invalid" for an empty part
    """
    key = prefix + ":".join(_escaped(part) for part in parts)
    size = len(key.encode("utf-8", "surrogatepass"))
    if size > KEY_BYTES_MAX:
        raise kv_error(
            "key_too_long",
            f"The key {key[:40] + '…'!r} has {size} bytes; {KEY_BYTES_MAX} fit.",
            hint="Use a shorter name or prefix, or the hash of a long name.",
        )
    return key


def key_part(escaped: str) -> str:
    """Reverses the escaping of :func:`recipe_key`."""
    return escaped.replace("%3A", ":").replace("%25", "%")


def client_key_parts(text: str) -> Tuple[str, ...]:
    """Returns the key parts for a text that a client chose: itself, or "sha256" and its hash.

    It is hashed if it is empty, too long, not valid Unicode, or begins with NUL. A hash has one more part, so
    no text equals the hash of another one.
    """
    text = _with_pairs(text)
    fits = (
        text != ""
        and len(text.encode("utf-16-le", "surrogatepass")) // 2 <= CLIENT_KEY_LENGTH_MAX
        and not text.startswith("\0")
        and not _SURROGATE.search(text)
    )
    return (text,) if fits else ("sha256", sha256_hex(_json_string(text)))


def sha256_hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def store_ttl(seconds: float) -> int:
    """The TTL after which the store removes an entry that its recipe no longer needs.

    Recipes with shorter spans keep their own deadline in the value.
    """
    return min(STORE_TTL_SECONDS_MAX, max(STORE_TTL_SECONDS_MIN, math.ceil(seconds)))


def json_text(value: object, what: str) -> str:
    """:raises InvalidError: "value_invalid" for a value that JSON cannot represent"""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return _SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
    except (TypeError, ValueError, RecursionError) as error:
        raise kv_error(
            "value_invalid",
            f"{what} cannot be stored: {error}",
            hint="Pass dicts with str keys, lists, str, finite numbers, booleans and None, without cycles.",
        ) from error


def unusable(message: str, hint: str, code: str = "value_invalid") -> KvError:
    """Creates the error for an entry that another program wrote under a recipe's key."""
    return kv_error(code, message, hint=hint)


def _escaped(part: str) -> str:
    if part == "":
        raise kv_error("key_invalid", "A name is empty.", hint="Pass a name of at least one character.")
    return part.replace("%", "%25").replace(":", "%3A")


def _with_pairs(text: str) -> str:
    """Joins surrogates that belong together, as JavaScript and UTF-16 do."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _json_string(text: str) -> str:
    return json_text(text, "A key")


__all__: Sequence[str] = (
    "client_key_parts",
    "json_text",
    "key_part",
    "recipe_key",
    "sha256_hex",
    "store_ttl",
    "unusable",
)
