"""The definition of a flag: JSON in which every member is optional."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple, Union

from .errors import option_invalid
from .limits import LISTED_USERS_MAX, RULES_MAX, VARIANTS_MAX
from .options import number_between

#: An id, or a mapping with the id under "id" and the attributes that rules check.
FlagUser = Union[str, Mapping[str, Any]]
#: A value with its JSON type: in Python True equals 1.
Comparable = Tuple[str, Any]

_MEMBERS = ("enabled", "rollout", "allow", "deny", "rules", "variants", "description")
_RULE_MEMBERS = ("when", "enabled", "rollout", "variant")
_EXAMPLE = '{"when": {"country": ["de", "at"]}, "rollout": 50}'


@dataclass(frozen=True)
class Rule:
    when: Tuple[Tuple[str, FrozenSet[Comparable]], ...]
    enabled: bool
    rollout: float
    variant: Optional[str]

    def holds_for(self, user: Optional[FlagUser]) -> bool:
        """Whether all conditions match. Without a user no condition matches."""
        return all(comparable(_attribute(user, name)) in values for name, values in self.when)


@dataclass(frozen=True)
class Flag:
    """A checked definition."""

    enabled: bool
    rollout: float
    allow: FrozenSet[str]
    deny: FrozenSet[str]
    rules: Tuple[Rule, ...]
    variants: Optional[Dict[str, float]]


def parse_flag(name: str, definition: Any) -> Flag:
    """Checks a definition from any source: a caller, or a store that other programs write to.

    :raises InvalidError: "option_invalid", also for an unknown member, which may be a misspelled one
    """

    def what(part: str) -> str:
        return f"{part} of the flag {name!r}"

    if not isinstance(definition, Mapping):
        raise option_invalid(what("definition"), definition, 'a dict such as {"rollout": 10}')
    _known(what("part"), definition, _MEMBERS)
    if not isinstance(definition.get("description", ""), str):
        raise option_invalid(what("description"), definition["description"], "a str")
    variants = _weights(what("variants"), definition["variants"]) if "variants" in definition else None
    return Flag(
        enabled=_boolean(what("enabled"), definition.get("enabled", True)),
        rollout=_percentage(what("rollout"), definition.get("rollout", 100)),
        allow=_user_ids(what("allow"), definition.get("allow", ())),
        deny=_user_ids(what("deny"), definition.get("deny", ())),
        rules=tuple(
            _rule(what(f"rule {number}"), rule, variants or {})
            for number, rule in enumerate(_list(what("rules"), definition.get("rules", ()), RULES_MAX), 1)
        ),
        variants=variants,
    )


def id_of(user: FlagUser) -> str:
    """:raises InvalidError: "option_invalid" for a user without an id. All of them would count as one user"""
    found = user if isinstance(user, str) else user.get("id") if isinstance(user, Mapping) else None
    if isinstance(found, str) and found != "":
        return found
    raise option_invalid(
        "user", found, 'an id that is not empty, or {"id": "…"}; None for nobody in particular'
    )


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


def _attribute(user: Optional[FlagUser], name: str) -> Any:
    if isinstance(user, str):
        return user if name == "id" else None
    return None if user is None else user.get(name)


def _rule(what: str, rule: Any, variants: Mapping[str, float]) -> Rule:
    if not isinstance(rule, Mapping):
        raise option_invalid(what, rule, f"a rule such as {_EXAMPLE}")
    _known(f"part of {what}", rule, _RULE_MEMBERS)
    when = rule.get("when")
    # A rule that matches all users would hide all later rules. Use `rollout` for that.
    if not isinstance(when, Mapping) or not when:
        raise option_invalid(f"condition of {what}", when, f"at least one attribute, such as {_EXAMPLE}")
    variant = rule.get("variant")
    if "variant" in rule and (not isinstance(variant, str) or variant not in variants):
        raise option_invalid(
            f"variant of {what}", variant, "one of the flag's variants (its weight may be 0)"
        )
    return Rule(
        when=tuple(
            (attribute, _values(f"{attribute} of {what}", values)) for attribute, values in when.items()
        ),
        enabled=_boolean(f"enabled of {what}", rule.get("enabled", True)),
        rollout=_percentage(f"rollout of {what}", rule.get("rollout", 100)),
        variant=variant,
    )


def _values(what: str, given: Any) -> FrozenSet[Comparable]:
    values = given if isinstance(given, (list, tuple)) else [given]
    for value in values:
        if not isinstance(value, (str, int, float)) or (
            isinstance(value, float) and not math.isfinite(value)
        ):
            raise option_invalid(what, value, "str, finite numbers or booleans")
    return frozenset(comparable(value) for value in values)


def _weights(what: str, weights: Any) -> Dict[str, float]:
    expected = 'a dict of weights such as {"control": 1, "blue": 1}'
    if not isinstance(weights, Mapping):
        raise option_invalid(what, weights, expected)
    if len(weights) > VARIANTS_MAX:
        raise option_invalid(what, f"{len(weights)} variants", f"at most {VARIANTS_MAX}")
    for variant, weight in weights.items():
        if not isinstance(variant, str) or variant == "":
            raise option_invalid(what, variant, "names that are not empty")
        number_between(f"weight of {variant!r}", weight, 0, math.inf)
    if not any(weights.values()):
        raise option_invalid(what, weights, f"{expected}, one of them above 0")
    return dict(weights)


def _user_ids(what: str, value: Any) -> FrozenSet[str]:
    ids = _list(what, value, LISTED_USERS_MAX)
    for each in ids:
        if not isinstance(each, str):
            raise option_invalid(what, each, "ids that are str")
    return frozenset(ids)


def _list(what: str, value: Any, length_max: int) -> Sequence[Any]:
    if not isinstance(value, (list, tuple)):
        raise option_invalid(what, value, "a list")
    if len(value) > length_max:
        raise option_invalid(what, f"{len(value)} entries", f"at most {length_max}, or use a rule")
    return value


def _known(what: str, given: Mapping[str, Any], members: Sequence[str]) -> None:
    unknown: List[Any] = [member for member in given if member not in members]
    if unknown:
        raise option_invalid(what, unknown[0], ", ".join(members))


def _boolean(what: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise option_invalid(what, value, "True or False")


def _percentage(what: str, value: Any) -> float:
    return number_between(what, value, 0, 100)
