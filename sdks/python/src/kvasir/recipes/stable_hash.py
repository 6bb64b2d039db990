"""Choices that depend only on a text. They are the same in every process, language and release."""

from __future__ import annotations

import math
from typing import Mapping, Optional

_MASK = 0xFFFFFFFF


def stable_hash(text: str, seed: int = 0) -> int:
    """MurmurHash3 (x86, 32 bits) of the text's UTF-8 bytes. A lone surrogate counts as U+FFFD.

    It distributes evenly and is not cryptographic: collisions are easy to construct.
    See https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
    """
    data = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
    tail = len(data) & ~3
    value = seed & _MASK
    for at in range(0, tail, 4):
        value ^= _scrambled(int.from_bytes(data[at : at + 4], "little"))
        value = ((value << 13) | (value >> 19)) & _MASK
        value = (value * 5 + 0xE6546B64) & _MASK
    if tail < len(data):
        value ^= _scrambled(int.from_bytes(data[tail:], "little"))
    return _avalanched(value ^ len(data))


def stable_fraction(*parts: str) -> float:
    """Maps texts to a fraction between 0 and 1, evenly. It is never 0 and never 1."""
    return (stable_hash("\0".join(parts)) + 0.5) / 2**32


def weighted_choice(weights: Mapping[str, float], *subject: str) -> Optional[str]:
    """Chooses a name for a subject: always the same, and each as often as its weight says.

    This is weighted rendezvous hashing: a new name wins its share from all others and moves no other subject.

    :returns: ``None`` if no weight is positive
    """
    winner, largest = None, -1.0
    for name in sorted(weights):
        if weights[name] == 0:
            continue
        drawn = weights[name] / -math.log(stable_fraction(*subject, name))
        if drawn > largest:
            winner, largest = name, drawn
    return winner


def _scrambled(block: int) -> int:
    mixed = (block * 0xCC9E2D51) & _MASK
    return (((mixed << 15) | (mixed >> 17)) * 0x1B873593) & _MASK


def _avalanched(value: int) -> int:
    value = ((value ^ (value >> 16)) * 0x85EBCA6B) & _MASK
    value = ((value ^ (value >> 13)) * 0xC2B2AE35) & _MASK
    return value ^ (value >> 16)
