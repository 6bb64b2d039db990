"""The definition of a flag: JSON in which every member is optional."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple, Union

from .errors import option_invalid
from .flag_conditions import Conditions, FlagUser, Segments, conditions_hold, parse_conditions
from .limits import LISTED_USERS_MAX, RULES_MAX, VARIANTS_MAX
from .options import nonempty_text, number_between

_MEMBERS = (
    *("enabled", "rollout", "allow", "deny", "rules", "variants"),
    *("value", "values", "bucketBy", "requires", "description"),
)
_RULE_MEMBERS = ("when", "segment", "enabled", "rollout", "variant", "value")
_EXAMPLE = '{"when": {"country": ["de", "at"]}, "rollout": 50}'


@dataclass(frozen=True)
class Rule:
    when: Conditions
    #: Names of groups of users. The user must be in one of them.
    segments: Optional[Tuple[str, ...]]
    enabled: bool
    rollout: float
    variant: Optional[str]
    #: ``None`` if the rule gives none.
    value: Any

    def holds_for(self, user: Optional[FlagUser], known: Segments) -> bool:
        """Whether the rule is about a user. An unknown group has no users."""
        return conditions_hold(self.when, user) and (
            self.segments is None
            or any(conditions_hold(each, user) for name in self.segments for each in known.get(name, ()))
        )


@dataclass(frozen=True)
class Flag:
    """A checked definition."""

    enabled: bool
    rollout: float
    allow: FrozenSet[str]
    deny: FrozenSet[str]
    rules: Tuple[Rule, ...]
    variants: Optional[Dict[str, float]]
    #: ``None`` if there is none.
    value: Any
    #: The value for each variant.
    values: Dict[str, Any]
    #: The attribute that rollouts and variants depend on.
    bucket_by: str
    #: Other flags that the user must have: with any variant or none, or with one of these.
    requires: Dict[str, Union[bool, Tuple[str, ...]]]


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
    bucket = definition.get("bucketBy")
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
        value=definition.get("value"),
        values=_values(what("values"), definition.get("values", {}), variants or {}),
        bucket_by=nonempty_text(what("bucketBy"), "id" if bucket is None else bucket),
        requires=_requirements(name, what("requires"), definition.get("requires", {})),
    )


def id_of(user: FlagUser) -> str:
    """:raises InvalidError: "option_invalid" for a user without an id. All of them would count as one user"""
    found = user if isinstance(user, str) else user.get("id") if isinstance(user, Mapping) else None
    if isinstance(found, str) and found != "":
        return found
    raise option_invalid(
        "user", found, 'an id that is not empty, or {"id": "…"}; None for nobody in particular'
    )


def _rule(what: str, rule: Any, variants: Mapping[str, float]) -> Rule:
    if not isinstance(rule, Mapping):
        raise option_invalid(what, rule, f"a rule such as {_EXAMPLE}")
    _known(f"part of {what}", rule, _RULE_MEMBERS)
    when = rule.get("when", {})
    # A rule that matches all users would hide all later rules. Use `rollout` for that.
    if not isinstance(when, Mapping) or (not when and "segment" not in rule):
        raise option_invalid(f"condition of {what}", when, f"at least one attribute, such as {_EXAMPLE}")
    variant = rule.get("variant")
    if "variant" in rule and (not isinstance(variant, str) or variant not in variants):
        raise option_invalid(
            f"variant of {what}", variant, "one of the flag's variants (its weight may be 0)"
        )
    return Rule(
        when=parse_conditions(what, when),
        segments=_segment_names(f"segment of {what}", rule["segment"]) if "segment" in rule else None,
        enabled=_boolean(f"enabled of {what}", rule.get("enabled", True)),
        rollout=_percentage(f"rollout of {what}", rule.get("rollout", 100)),
        variant=variant,
        value=rule.get("value"),
    )


def _segment_names(what: str, given: Any) -> Tuple[str, ...]:
    names = given if isinstance(given, (list, tuple)) else [given]
    for name in names:
        nonempty_text(what, name)
    return tuple(names)


def _values(what: str, given: Any, variants: Mapping[str, float]) -> Dict[str, Any]:
    for variant in _dict(what, given):
        if variant not in variants:
            raise option_invalid(what, variant, "names of the flag's variants")
    return dict(given)


def _requirements(flag: str, what: str, given: Any) -> Dict[str, Union[bool, Tuple[str, ...]]]:
    requirements: Dict[str, Union[bool, Tuple[str, ...]]] = {}
    for other, needed in _dict(what, given).items():
        if other == flag:
            raise option_invalid(what, other, "other flags")
        if needed is True:
            requirements[other] = True
            continue
        variants = needed if isinstance(needed, (list, tuple)) else [needed]
        if not all(isinstance(variant, str) for variant in variants):
            raise option_invalid(what, needed, "True, or names of variants")
        requirements[other] = tuple(variants)
    return requirements


def _dict(what: str, given: Any) -> Mapping[str, Any]:
    if isinstance(given, Mapping):
        return given
    raise option_invalid(what, given, "a dict")


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
