import { stableFraction } from "../shared/hash.js";
import { weightedChoice } from "../shared/weighted-choice.js";
import type { Flag } from "./definition.js";
import { holdsFor } from "./rule.js";
import { type FlagUser, idOf } from "./user.js";

/**
 * The part of the definition that decided:
 * - `missing`: the flag is neither stored nor among the defaults
 * - `disabled`: it is off for all users
 * - `denied`, `allowed`: the user is on that list
 * - `rule`: the rule with the number `rule` matches the user
 * - `rollout`: the user is, or is not, among the percentage of users that have it
 */
export type FlagReason = "missing" | "disabled" | "denied" | "allowed" | "rule" | "rollout";

/**
 * The source of the definition: read from the `store` now, remembered from an earlier read (`memory`), or
 * unknown because the store is unavailable and was never read (`default`).
 */
export type FlagSource = "store" | "memory" | "default";

export interface FlagDecision extends Decision {
  readonly source: FlagSource;
}

export interface Decision {
  readonly enabled: boolean;
  /** `null` if the flag is off for the user or has no variants. */
  readonly variant: string | null;
  readonly reason: FlagReason;
  /** The first rule is number 1. `null` if no rule decided. */
  readonly rule: number | null;
}

/**
 * Decides without a request: the same flag, user and definition give the same decision everywhere.
 *
 * Without a user a percentage counts only if it is 100, and only a rule can give a variant: an
 * unknown user belongs to no share.
 */
export function decide(name: string, flag: Flag | null, user: FlagUser | undefined): Decision {
  const id = user === undefined ? undefined : idOf(user);
  if (flag === null) return { enabled: false, variant: null, reason: "missing", rule: null };
  const { enabled, reason, ruleAt } = verdictOn(name, flag, id, user);
  const rule = ruleAt === undefined ? null : ruleAt + 1;
  if (!enabled) return { enabled, variant: null, reason, rule };
  const own = ruleAt === undefined ? undefined : flag.rules[ruleAt]?.variant;
  return { enabled, variant: own ?? variantFor(name, flag, id), reason, rule };
}

interface Verdict {
  readonly enabled: boolean;
  readonly reason: FlagReason;
  readonly ruleAt?: number;
}

function verdictOn(name: string, flag: Flag, id: string | undefined, user: FlagUser | undefined): Verdict {
  if (!flag.enabled) return { enabled: false, reason: "disabled" };
  if (id !== undefined && flag.deny.has(id)) return { enabled: false, reason: "denied" };
  if (id !== undefined && flag.allow.has(id)) return { enabled: true, reason: "allowed" };
  const ruleAt = flag.rules.findIndex((rule) => holdsFor(rule, user));
  const rule = flag.rules[ruleAt];
  if (rule === undefined) return { enabled: isWithin(flag.rollout, name, id), reason: "rollout" };
  return { enabled: rule.enabled && isWithin(rule.rollout, name, id), reason: "rule", ruleAt };
}

function isWithin(percentage: number, name: string, id: string | undefined): boolean {
  if (percentage >= 100) return true;
  return id !== undefined && stableFraction("rollout", name, id) < percentage / 100;
}

function variantFor(name: string, { variants }: Flag, id: string | undefined): string | null {
  return variants === undefined || id === undefined ? null : weightedChoice(variants, ["variant", name, id]);
}
