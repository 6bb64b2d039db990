import { invalidOption, numberBetween } from "../shared/options.js";
import type { Weights } from "../shared/weighted-choice.js";
import { conditionsHold, type ParsedConditions, parseConditions } from "./conditions.js";
import type { FlagUser } from "./user.js";

/** A rule that was checked. */
export interface Rule {
  readonly when: ParsedConditions;
  /** Names of groups of users. The user must be in one of them. */
  readonly segments: readonly string[] | undefined;
  readonly enabled: boolean;
  readonly rollout: number;
  readonly variant: string | undefined;
  /** `undefined` if the rule gives none. */
  readonly value: unknown;
}

const PARTS = new Set(["when", "segment", "enabled", "rollout", "variant", "value"]);

/** @throws KvError `option_invalid` */
export function parseRule(what: string, rule: unknown, variants: Weights | undefined): Rule {
  const example = '{ "when": { "country": ["de", "at"] }, "rollout": 50 }';
  if (typeof rule !== "object" || rule === null) throw invalidOption(what, rule, `a rule such as ${example}`);
  const { when = {}, segment, enabled, rollout, variant, value } = rule as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(rule).find((part) => !PARTS.has(part));
  if (unknown !== undefined) throw invalidOption(`part of ${what}`, unknown, [...PARTS].join(", "));
  // A rule that matches all users would hide all later rules. Use `rollout` for that.
  const isEmpty = typeof when !== "object" || when === null || Object.keys(when).length === 0;
  if (typeof when !== "object" || when === null || (isEmpty && segment === undefined)) {
    throw invalidOption(`condition of ${what}`, when, `at least one attribute, such as ${example}`);
  }
  if (variant !== undefined && (typeof variant !== "string" || !Object.hasOwn(variants ?? {}, variant))) {
    throw invalidOption(`variant of ${what}`, variant, "one of the flag's variants (its weight may be 0)");
  }
  return {
    when: parseConditions(what, when),
    segments: segment === undefined ? undefined : segmentNames(`segment of ${what}`, segment),
    enabled: booleanOf(`enabled of ${what}`, enabled),
    rollout: percentageOf(`rollout of ${what}`, rollout),
    variant,
    value,
  };
}

/** Groups of users, by name. A user is in a group if one of its alternatives holds. */
export type ParsedSegments = ReadonlyMap<string, readonly ParsedConditions[]>;

/** @throws KvError `option_invalid` */
export function parseSegments(given: unknown = {}): ParsedSegments {
  if (typeof given !== "object" || given === null) throw invalidOption("segments", given, "an object");
  return new Map(
    Object.entries(given).map(([name, alternatives]) => {
      const what = `segment ${JSON.stringify(name)}`;
      if (!Array.isArray(alternatives)) throw invalidOption(what, alternatives, "an array of conditions");
      for (const when of alternatives) {
        if (typeof when === "object" && when !== null && Object.keys(when).length > 0) continue;
        throw invalidOption(
          `condition of ${what}`,
          when,
          'at least one attribute, such as { "plan": "pro" }',
        );
      }
      return [name, alternatives.map((when: object) => parseConditions(what, when))];
    }),
  );
}

/** Whether a rule is about a user. An unknown group has no users. */
export function holdsFor(
  { when, segments }: Rule,
  user: FlagUser | undefined,
  known: ParsedSegments,
): boolean {
  const isInOne = (name: string) => known.get(name)?.some((conditions) => conditionsHold(conditions, user));
  return conditionsHold(when, user) && (segments === undefined || segments.some(isInOne));
}

function segmentNames(what: string, given: unknown): readonly string[] {
  const names: readonly unknown[] = Array.isArray(given) ? given : [given];
  for (const name of names) {
    if (typeof name !== "string" || name === "") throw invalidOption(what, name, "names that are not empty");
  }
  return names as readonly string[];
}

/** @default true */
export function booleanOf(what: string, value: unknown = true): boolean {
  if (typeof value === "boolean") return value;
  throw invalidOption(what, value, "true or false");
}

/** @default 100 */
export function percentageOf(what: string, value: unknown = 100): number {
  return numberBetween(what, value, { min: 0, max: 100 });
}
