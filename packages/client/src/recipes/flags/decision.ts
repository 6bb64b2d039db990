import { stableFraction } from "../shared/hash.js";
import { weightedChoice } from "../shared/weighted-choice.js";
import type { Flag } from "./definition.js";
import { holdsFor, type ParsedSegments } from "./rule.js";
import { attributeOf, type FlagUser, idOf } from "./user.js";

/**
 * The part of the definition that decided:
 * - `missing`: the flag is neither stored nor among the defaults
 * - `disabled`: it is off for all users
 * - `prerequisite`: the user lacks a flag that it requires
 * - `denied`, `allowed`: the user is on that list
 * - `rule`: the rule with the number `rule` matches the user
 * - `rollout`: the user is, or is not, among the percentage of users that have it
 */
export type FlagReason = "missing" | "disabled" | "prerequisite" | "denied" | "allowed" | "rule" | "rollout";

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
  /** The value of the rule, the variant or the flag. `undefined` if the flag is off for the user or has none. */
  readonly value?: unknown;
}

/** What a decision depends on besides the flag itself. */
export interface FlagWorld {
  readonly segments: ParsedSegments;
  /** Another flag, which this one requires. */
  flag(name: string): Flag | null;
}

export const NO_WORLD: FlagWorld = { segments: new Map(), flag: () => null };

/**
 * Decides without a request: the same flag, user and definition give the same decision everywhere.
 *
 * Without a user a percentage counts only if it is 100, and only a rule can give a variant: an
 * unknown user belongs to no share.
 */
export function decide(
  name: string,
  flag: Flag | null,
  user: FlagUser | undefined,
  world: FlagWorld = NO_WORLD,
): Decision {
  return decideWithin(world, [], { name, flag, user });
}

interface Asked {
  readonly name: string;
  readonly flag: Flag | null;
  readonly user: FlagUser | undefined;
}

/** @param above the flags that require this one, to end circles: a flag that requires itself is off */
function decideWithin(world: FlagWorld, above: readonly string[], { name, flag, user }: Asked): Decision {
  const id = user === undefined ? undefined : idOf(user);
  if (flag === null) return { enabled: false, variant: null, reason: "missing", rule: null };
  if (flag.enabled && !meetsRequirements(flag.requires, user, world, [...above, name])) {
    return { enabled: false, variant: null, reason: "prerequisite", rule: null };
  }
  const bucket = flag.bucketBy === "id" ? id : bucketOf(user, flag.bucketBy);
  const { enabled, reason, ruleAt } = verdictOn({ name, flag, user }, id, bucket, world);
  const rule = ruleAt === undefined ? null : ruleAt + 1;
  if (!enabled) return { enabled, variant: null, reason, rule };
  const own = ruleAt === undefined ? undefined : flag.rules[ruleAt]?.variant;
  const variant = own ?? variantFor(name, flag, bucket);
  const ofVariant = variant === null ? undefined : flag.values.get(variant);
  const ofRule = ruleAt === undefined ? undefined : flag.rules[ruleAt]?.value;
  const value = ofRule ?? ofVariant ?? flag.value;
  return { enabled, variant, reason, rule, ...(value !== undefined && { value }) };
}

function meetsRequirements(
  requires: Flag["requires"],
  user: FlagUser | undefined,
  world: FlagWorld,
  above: readonly string[],
): boolean {
  return [...requires].every(([name, needed]) => {
    if (above.includes(name)) return false;
    const { enabled, variant } = decideWithin(world, above, { name, flag: world.flag(name), user });
    return enabled && (needed === true || (variant !== null && needed.includes(variant)));
  });
}

function bucketOf(user: FlagUser | undefined, attribute: string): string | undefined {
  const value = attributeOf(user, attribute);
  const isBucket = ["string", "number", "boolean"].includes(typeof value) && value !== "";
  return isBucket ? String(value) : undefined;
}

interface Verdict {
  readonly enabled: boolean;
  readonly reason: FlagReason;
  readonly ruleAt?: number;
}

function verdictOn(
  { name, flag, user }: Asked & { readonly flag: Flag },
  id: string | undefined,
  bucket: string | undefined,
  { segments }: FlagWorld,
): Verdict {
  if (!flag.enabled) return { enabled: false, reason: "disabled" };
  if (id !== undefined && flag.deny.has(id)) return { enabled: false, reason: "denied" };
  if (id !== undefined && flag.allow.has(id)) return { enabled: true, reason: "allowed" };
  const ruleAt = flag.rules.findIndex((rule) => holdsFor(rule, user, segments));
  const rule = flag.rules[ruleAt];
  if (rule === undefined) return { enabled: isWithin(flag.rollout, name, bucket), reason: "rollout" };
  return { enabled: rule.enabled && isWithin(rule.rollout, name, bucket), reason: "rule", ruleAt };
}

function isWithin(percentage: number, name: string, id: string | undefined): boolean {
  if (percentage >= 100) return true;
  return id !== undefined && stableFraction("rollout", name, id) < percentage / 100;
}

function variantFor(name: string, { variants }: Flag, id: string | undefined): string | null {
  return variants === undefined || id === undefined ? null : weightedChoice(variants, ["variant", name, id]);
}
