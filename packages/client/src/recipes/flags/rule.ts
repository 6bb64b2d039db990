import { invalidOption, numberBetween } from "../shared/options.js";
import type { Weights } from "../shared/weighted-choice.js";
import { attributeOf, type FlagUser } from "./user.js";

/** The values that attributes can be compared with. */
export type AttributeValue = string | number | boolean;

/** A rule that was checked. */
export interface Rule {
  readonly when: readonly (readonly [attribute: string, values: ReadonlySet<AttributeValue>])[];
  readonly enabled: boolean;
  readonly rollout: number;
  readonly variant: string | undefined;
}

const PARTS = new Set(["when", "enabled", "rollout", "variant"]);

/** @throws KvError `option_invalid` */
export function parseRule(what: string, rule: unknown, variants: Weights | undefined): Rule {
  const example = '{ "when": { "country": ["de", "at"] }, "rollout": 50 }';
  if (typeof rule !== "object" || rule === null) throw invalidOption(what, rule, `a rule such as ${example}`);
  const { when, enabled, rollout, variant } = rule as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(rule).find((part) => !PARTS.has(part));
  if (unknown !== undefined) throw invalidOption(`part of ${what}`, unknown, [...PARTS].join(", "));
  // A rule that matches all users would hide all later rules. Use `rollout` for that.
  if (typeof when !== "object" || when === null || Object.keys(when).length === 0) {
    throw invalidOption(`condition of ${what}`, when, `at least one attribute, such as ${example}`);
  }
  if (variant !== undefined && (typeof variant !== "string" || !Object.hasOwn(variants ?? {}, variant))) {
    throw invalidOption(`variant of ${what}`, variant, "one of the flag's variants (its weight may be 0)");
  }
  return {
    when: Object.entries(when).map(([attribute, values]) => [
      attribute,
      attributeValues(`${attribute} of ${what}`, values),
    ]),
    enabled: booleanOf(`enabled of ${what}`, enabled),
    rollout: percentageOf(`rollout of ${what}`, rollout),
    variant,
  };
}

/** Whether all conditions match a user. Without a user no condition matches. */
export function holdsFor({ when }: Rule, user: FlagUser | undefined): boolean {
  return when.every(([attribute, values]) => values.has(attributeOf(user, attribute) as AttributeValue));
}

function attributeValues(what: string, given: unknown): ReadonlySet<AttributeValue> {
  const values: readonly unknown[] = Array.isArray(given) ? given : [given];
  for (const value of values) {
    if (["string", "boolean"].includes(typeof value) || Number.isFinite(value)) continue;
    throw invalidOption(what, value, "strings, finite numbers or booleans");
  }
  return new Set(values as readonly AttributeValue[]);
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
