"""What attributes of a user must be: a value, one of several, or comparisons."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any, Callable, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple, Union

from .errors import option_invalid

#: An id, or a mapping with the id under "id" and the attributes that rules check.
FlagUser = Union[str, Mapping[str, Any]]
#: A value with its JSON type: in Python True equals 1.
Comparable = Tuple[str, Any]
Test = Callable[[Any], bool]
#: Conditions that were checked.
Conditions = Tuple[Tuple[str, Test], ...]
#: Groups of users, by name. A user is in a group if one of its alternatives holds.
Segments = Mapping[str, Sequence[Conditions]]

#: An attribute that the user does not have.
MISSING = object()
_VERSION = re.compile(r"v?([0-9]+(?:\.[0-9]+)*)(?:[-+].*)?")


def parse_conditions(what: str, when: Mapping[str, Any]) -> Conditions:
    """:raises InvalidError: "option_invalid" """
    return tuple((name, _test_of(f"{name} of {what}", condition)) for name, condition in when.items())


def conditions_hold(conditions: Conditions, user: Optional[FlagUser]) -> bool:
    """Whether all conditions hold for a user. A missing attribute fulfils none, nor does a missing user."""
    values = ((attribute_of(user, name), test) for name, test in conditions)
    return all(value is not MISSING and test(value) for value, test in values)


def parse_segments(given: Mapping[str, Any]) -> Dict[str, List[Conditions]]:
    """:raises InvalidError: "option_invalid" """
    if not isinstance(given, Mapping):
        raise option_invalid("segments", given, "a dict")
    segments: Dict[str, List[Conditions]] = {}
    for name, alternatives in given.items():
        what = f"segment {name!r}"
        if not isinstance(alternatives, (list, tuple)):
            raise option_invalid(what, alternatives, "a list of conditions")
        for when in alternatives:
            if not isinstance(when, Mapping) or not when:
                expected = 'at least one attribute, such as {"plan": "pro"}'
                raise option_invalid(f"condition of {what}", when, expected)
        segments[name] = [parse_conditions(what, when) for when in alternatives]
    return segments


def attribute_of(user: Optional[FlagUser], name: str) -> Any:
    """The value of an attribute, or ``MISSING``."""
    if isinstance(user, str):
        return user if name == "id" else MISSING
    return MISSING if user is None else user.get(name, MISSING)


def text_of(value: Any) -> str:
    """A value as JavaScript writes it, so that all languages put a user into the same bucket."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (int, float)):
        return str(value)
    number = float(value)
    if number == 0 or not math.isfinite(number):
        return {0.0: "0", math.inf: "Infinity", -math.inf: "-Infinity"}.get(number, "NaN")
    if 1e-6 <= abs(number) < 1e21:
        text = format(Decimal(repr(number)), "f")
        return text[:-2] if text.endswith(".0") else text
    return re.sub(r"(?:\.0)?e([+-])0*", r"e\1", repr(number))


def comparable(value: Any) -> Comparable:
    """Numbers are compared as in JSON: 1 equals 1.0, and neither equals True or "1"."""
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, (int, float)):
        try:
            return "number", float(value)
        except OverflowError:
            return "number", math.inf
    return ("string", value) if isinstance(value, str) else ("none", None)


def _test_of(what: str, condition: Any) -> Test:
    if not isinstance(condition, Mapping):
        values = _values(what, condition)
        return lambda value: comparable(value) in values
    tests: List[Test] = []
    for name, operand in condition.items():
        if name not in _OPERATORS:
            raise option_invalid(f"comparison of {what}", name, ", ".join(_OPERATORS))
        tests.append(_OPERATORS[name](f"{name} of {what}", operand))
    if not tests:
        raise option_invalid(what, "{}", "at least one comparison")
    return lambda value: all(test(value) for test in tests)


def _not(what: str, operand: Any) -> Test:
    values = _values(what, operand)
    return lambda value: comparable(value) not in values


def _numbers(holds: Callable[[float, float], bool]) -> Callable[[str, Any], Test]:
    def make(what: str, operand: Any) -> Test:
        kind, bound = comparable(operand)
        if kind != "number" or not math.isfinite(bound):
            raise option_invalid(what, operand, "a finite number")

        def test(value: Any) -> bool:
            kind, number = comparable(value)
            return kind == "number" and holds(number, bound)

        return test

    return make


def _texts(holds: Callable[[Any, str], bool]) -> Callable[[str, Any], Test]:
    def make(what: str, operand: Any) -> Test:
        texts = operand if isinstance(operand, (list, tuple)) else [operand]
        for text in texts:
            if not isinstance(text, str) or text == "":
                raise option_invalid(what, text, "str that are not empty")
        return lambda value: any(holds(value, text) for text in texts)

    return make


def _versions(holds: Callable[[List[int], List[int]], bool]) -> Callable[[str, Any], Test]:
    def make(what: str, operand: Any) -> Test:
        bound = _version(operand)
        if bound is None:
            raise option_invalid(what, operand, 'a version such as "2.10.1"')

        def test(value: Any) -> bool:
            version = _version(value)
            return version is not None and bound is not None and holds(version, bound)

        return test

    return make


def _version(value: Any) -> Optional[List[int]]:
    found = _VERSION.fullmatch(text_of(value))
    if found is None:
        return None
    parts = [int(part) for part in found.group(1).split(".")]
    while parts and parts[-1] == 0:  # 2.0 equals 2.
        parts.pop()
    return parts


_OPERATORS: Dict[str, Callable[[str, Any], Test]] = {
    "not": _not,
    "moreThan": _numbers(lambda value, bound: value > bound),
    "atLeast": _numbers(lambda value, bound: value >= bound),
    "lessThan": _numbers(lambda value, bound: value < bound),
    "atMost": _numbers(lambda value, bound: value <= bound),
    "startsWith": _texts(lambda value, text: isinstance(value, str) and value.startswith(text)),
    "endsWith": _texts(lambda value, text: isinstance(value, str) and value.endswith(text)),
    "contains": _texts(lambda value, text: isinstance(value, (str, list, tuple)) and text in value),
    "versionAtLeast": _versions(lambda version, bound: version >= bound),
    "versionBelow": _versions(lambda version, bound: version < bound),
}


def _values(what: str, given: Any) -> FrozenSet[Comparable]:
    values = given if isinstance(given, (list, tuple)) else [given]
    for value in values:
        kind, number = comparable(value)
        if kind == "none" or (kind == "number" and not math.isfinite(number)):
            raise option_invalid(what, value, "str, finite numbers or booleans")
    return frozenset(comparable(value) for value in values)
