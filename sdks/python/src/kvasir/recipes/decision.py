"""What a flag decides for a user. The same flag, user and definition give the same decision everywhere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Callable, Optional, Tuple

from .flag_conditions import FlagUser, Segments, attribute_of, text_of
from .flag_definition import Flag, id_of
from .stable_hash import stable_fraction, weighted_choice


@dataclass(frozen=True)
class FlagDecision:
    """A decision and its reason. The object itself is true or false."""

    enabled: bool
    #: ``None`` if the flag is off for the user or has no variants.
    variant: Optional[str]
    #: "missing", "disabled", "prerequisite", "denied", "allowed", "rule" or "rollout".
    reason: str
    #: The number of the rule that decided. The first one is 1.
    rule: Optional[int]
    #: "store"; "memory" for a definition that was read earlier; "default" while the store is unavailable.
    source: str = "store"
    #: The value of the rule, the variant or the flag. ``None`` if the flag is off for the user or has none.
    value: Any = None

    def __bool__(self) -> bool:
        return self.enabled


@dataclass(frozen=True)
class World:
    """What a decision depends on besides the flag itself."""

    segments: Segments = field(default_factory=dict)
    #: Returns another flag, which this one requires.
    flag: Callable[[str], Optional[Flag]] = lambda name: None


def decide(
    name: str,
    flag: Optional[Flag],
    user: Optional[FlagUser],
    source: str = "store",
    world: World = World(),
) -> FlagDecision:
    """Decides without a request.

    Without a user a percentage counts only if it is 100, and only a rule can give a variant: an unknown user
    belongs to no share.
    """
    return replace(_decide(name, flag, user, world, ()), source=source)


def _decide(
    name: str, flag: Optional[Flag], user: Optional[FlagUser], world: World, above: Tuple[str, ...]
) -> FlagDecision:
    """:param above: the flags that require this one, to end circles: a flag that requires itself is off"""
    user_id = None if user is None else id_of(user)
    if flag is None:
        return FlagDecision(False, None, "missing", None)
    if flag.enabled and not _meets(flag, user, world, (*above, name)):
        return FlagDecision(False, None, "prerequisite", None)
    bucket = user_id if flag.bucket_by == "id" else _bucket(user, flag.bucket_by)
    enabled, reason, number = _verdict(name, flag, user, user_id, bucket, world.segments)
    if not enabled:
        return FlagDecision(False, None, reason, number)
    rule = None if number is None else flag.rules[number - 1]
    variant = None if rule is None else rule.variant
    if variant is None and flag.variants is not None and bucket is not None:
        variant = weighted_choice(flag.variants, "variant", name, bucket)
    of_rule = None if rule is None else rule.value
    of_variant = None if variant is None else flag.values.get(variant)
    values = (value for value in (of_rule, of_variant, flag.value) if value is not None)
    return FlagDecision(True, variant, reason, number, value=next(values, None))


def _meets(flag: Flag, user: Optional[FlagUser], world: World, above: Tuple[str, ...]) -> bool:
    for name, needed in flag.requires.items():
        if name in above:
            return False
        decision = _decide(name, world.flag(name), user, world, above)
        if not decision.enabled or not (needed is True or decision.variant in (needed or ())):
            return False
    return True


def _bucket(user: Optional[FlagUser], attribute: str) -> Optional[str]:
    value = attribute_of(user, attribute)
    return text_of(value) if isinstance(value, (str, int, float)) and value != "" else None


def _verdict(
    name: str,
    flag: Flag,
    user: Optional[FlagUser],
    user_id: Optional[str],
    bucket: Optional[str],
    segments: Segments,
) -> Tuple[bool, str, Optional[int]]:
    if not flag.enabled:
        return False, "disabled", None
    if user_id in flag.deny:
        return False, "denied", None
    if user_id in flag.allow:
        return True, "allowed", None
    for number, rule in enumerate(flag.rules, 1):
        if rule.holds_for(user, segments):
            return rule.enabled and _is_within(rule.rollout, name, bucket), "rule", number
    return _is_within(flag.rollout, name, bucket), "rollout", None


def _is_within(percentage: float, name: str, bucket: Optional[str]) -> bool:
    if percentage >= 100:
        return True
    return bucket is not None and stable_fraction("rollout", name, bucket) < percentage / 100
