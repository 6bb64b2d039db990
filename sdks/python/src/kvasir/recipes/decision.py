"""What a flag decides for a user. The same flag, user and definition give the same decision everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple

from .flag_definition import Flag, FlagUser, id_of
from .stable_hash import stable_fraction, weighted_choice


@dataclass(frozen=True)
class FlagDecision:
    """A decision and its reason. The object itself is true or false."""

    enabled: bool
    #: ``None`` if the flag is off for the user or has no variants.
    variant: Optional[str]
    #: "missing", "disabled", "denied", "allowed", "rule" or "rollout".
    reason: str
    #: The number of the rule that decided. The first one is 1.
    rule: Optional[int]
    #: "store"; "memory" for a definition that was read earlier; "default" while the store is unavailable.
    source: str = "store"

    def __bool__(self) -> bool:
        return self.enabled


def decide(name: str, flag: Optional[Flag], user: Optional[FlagUser], source: str = "store") -> FlagDecision:
    """Decides without a request.

    Without a user a percentage counts only if it is 100, and only a rule can give a variant: an unknown user
    belongs to no share.
    """
    user_id = None if user is None else id_of(user)
    if flag is None:
        return FlagDecision(False, None, "missing", None, source)
    enabled, reason, rule = _verdict(name, flag, user_id, user)
    if not enabled:
        return FlagDecision(False, None, reason, rule, source)
    variant = None if rule is None else flag.rules[rule - 1].variant
    if variant is None and flag.variants is not None and user_id is not None:
        variant = weighted_choice(flag.variants, "variant", name, user_id)
    return FlagDecision(True, variant, reason, rule, source)


def _verdict(
    name: str, flag: Flag, user_id: Optional[str], user: Optional[FlagUser]
) -> Tuple[bool, str, Optional[int]]:
    if not flag.enabled:
        return False, "disabled", None
    if user_id in flag.deny:
        return False, "denied", None
    if user_id in flag.allow:
        return True, "allowed", None
    for number, rule in enumerate(flag.rules, 1):
        if rule.holds_for(user):
            return rule.enabled and _is_within(rule.rollout, name, user_id), "rule", number
    return _is_within(flag.rollout, name, user_id), "rollout", None


def _is_within(percentage: float, name: str, user_id: Optional[str]) -> bool:
    if percentage >= 100:
        return True
    return user_id is not None and stable_fraction("rollout", name, user_id) < percentage / 100
