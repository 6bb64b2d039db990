"""Checks of arguments, made before anything is sent."""

from __future__ import annotations

import math
from typing import Sequence, TypeVar

from .errors import option_invalid

Choice = TypeVar("Choice", bound=str)


def whole_number(name: str, value: object, low: int, high: int) -> int:
    """:raises InvalidError: "option_invalid" unless the value is a whole number from low to high"""
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    raise option_invalid(name, value, f"a whole number from {low} to {high}")


def number_between(name: str, value: object, low: float, high: float) -> float:
    """:raises InvalidError: "option_invalid" unless the value is a number from low to high"""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and math.isfinite(value) and low <= value <= high:  # type: ignore[arg-type,operator]
        return value  # type: ignore[return-value]
    raise option_invalid(name, value, f"a number from {low} to {high}")


def nonempty_text(name: str, value: object) -> str:
    """:raises InvalidError: "option_invalid" unless the value is a str that is not empty"""
    if isinstance(value, str) and value != "":
        return value
    raise option_invalid(name, value, "a str that is not empty")


def one_of(name: str, value: Choice, choices: Sequence[Choice]) -> Choice:
    """:raises InvalidError: "option_invalid" for a value that is not among the choices"""
    if value in choices:
        return value
    raise option_invalid(name, value, "one of " + ", ".join(f'"{choice}"' for choice in choices))
