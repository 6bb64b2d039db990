import { invalidOption, nonEmptyText } from "../shared/options.js";
import { checkedWeights, type Weights } from "../shared/weighted-choice.js";
import type { Conditions } from "./conditions.js";
import { LISTED_USERS_MAX, RULES_MAX } from "./limits.js";
import { booleanOf, parseRule, percentageOf, type Rule } from "./rule.js";

/** A flag as stored: JSON in which every member is optional. */
export interface FlagDefinition {
  /** `false` turns the flag off for all users, regardless of all other members. @default true */
  readonly enabled?: boolean | undefined;
  /**
   * Percentage of users who have it, 0 to 100. If it is raised, users who had the flag keep it. @default 100
   */
  readonly rollout?: number | undefined;
  /** Ids of users who have it regardless of the rules and the rollout. */
  readonly allow?: readonly string[] | undefined;
  /** Ids of users who never have it. Wins over `allow`. */
  readonly deny?: readonly string[] | undefined;
  /** The first rule that matches a user decides instead of `rollout`. */
  readonly rules?: readonly FlagRule[] | undefined;
  /** The share of each variant among the users who have the flag, such as `{ "blue": 1, "green": 3 }`. */
  readonly variants?: Weights | undefined;
  /** The value for users who have the flag: any JSON but `null`. */
  readonly value?: unknown;
  /** The value for each variant, instead of `value`. */
  readonly values?: Readonly<Record<string, unknown>> | undefined;
  /**
   * The attribute of the user that rollouts and variants depend on, such as `company`, so that all users of a company
   * get the same. @default id
   */
  readonly bucketBy?: string | undefined;
  /**
   * Other flags that the user must have, `true` or with one of these variants. Otherwise the flag is off.
   */
  readonly requires?: Readonly<Record<string, true | string | readonly string[]>> | undefined;
  /** A note for people. */
  readonly description?: string | undefined;
}

export interface FlagRule {
  /**
   * Attributes of the user, each with one value or several alternatives. The rule matches if all attributes
   * match. `id` is the user's id. Values are compared with `===`, or as operators say: `{ age: { atLeast: 18 } }`. A
   * missing attribute never matches. May be left out if there is a `segment`.
   */
  readonly when?: Conditions | undefined;
  /** A group of the option `segments`, or several: the user must be in one of them. */
  readonly segment?: string | readonly string[] | undefined;
  /** @default true */
  readonly enabled?: boolean | undefined;
  /** Percentage of the matching users who have the flag, 0 to 100. @default 100 */
  readonly rollout?: number | undefined;
  /** The variant of these users, instead of one chosen by weight. */
  readonly variant?: string | undefined;
  /** The value for these users. */
  readonly value?: unknown;
}

/** A checked definition, in the form in which it is evaluated. */
export interface Flag {
  readonly enabled: boolean;
  readonly rollout: number;
  readonly allow: ReadonlySet<string>;
  readonly deny: ReadonlySet<string>;
  readonly rules: readonly Rule[];
  readonly variants: Weights | undefined;
  readonly value: unknown;
  readonly values: ReadonlyMap<string, unknown>;
  readonly bucketBy: string;
  /** `true`: any variant, or none. */
  readonly requires: ReadonlyMap<string, true | readonly string[]>;
}

const PARTS = new Set([
  "enabled",
  "rollout",
  "allow",
  "deny",
  "rules",
  "variants",
  "value",
  "values",
  "bucketBy",
  "requires",
  "description",
]);

/**
 * Checks a definition from any source: a caller, or a store that other programs write to.
 *
 * @param name the name of the flag, for the error
 * @throws KvError `option_invalid`, also for an unknown member, which may be a misspelled one
 */
export function parseFlag(name: string, definition: unknown): Flag {
  const what = (part: string) => `${part} of the flag ${JSON.stringify(name)}`;
  if (typeof definition !== "object" || definition === null || Array.isArray(definition)) {
    throw invalidOption(what("definition"), definition, 'an object such as { "rollout": 10 }');
  }
  const given = definition as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).find((part) => !PARTS.has(part));
  if (unknown !== undefined) throw invalidOption(what("part"), unknown, [...PARTS].join(", "));
  const { variants, description } = given;
  if (description !== undefined && typeof description !== "string") {
    throw invalidOption(what("description"), description, "a string");
  }
  const weights = variants === undefined ? undefined : checkedWeights(what("variants"), variants);
  return {
    enabled: booleanOf(what("enabled"), given["enabled"]),
    rollout: percentageOf(what("rollout"), given["rollout"]),
    allow: userIds(what("allow"), given["allow"]),
    deny: userIds(what("deny"), given["deny"]),
    rules: listOf(what("rules"), given["rules"], RULES_MAX).map((rule, at) =>
      parseRule(what(`rule ${at + 1}`), rule, weights),
    ),
    variants: weights,
    value: given["value"],
    values: valuesOf(what("values"), given["values"], weights),
    bucketBy: nonEmptyText(what("bucketBy"), given["bucketBy"] ?? "id"),
    requires: requirementsOf(name, what("requires"), given["requires"]),
  };
}

function valuesOf(what: string, given: unknown, variants: Weights | undefined): ReadonlyMap<string, unknown> {
  const values = entriesOf(what, given);
  for (const [variant] of values) {
    if (!Object.hasOwn(variants ?? {}, variant))
      throw invalidOption(what, variant, "names of the flag's variants");
  }
  return new Map(values);
}

function requirementsOf(name: string, what: string, given: unknown): Flag["requires"] {
  const requirements = entriesOf(what, given);
  return new Map(
    requirements.map(([other, needed]): [string, true | readonly string[]] => {
      if (other === name) throw invalidOption(what, other, "other flags");
      if (needed === true) return [other, true];
      const variants: readonly unknown[] = Array.isArray(needed) ? needed : [needed];
      if (variants.some((variant) => typeof variant !== "string")) {
        throw invalidOption(what, needed, "true, or names of variants");
      }
      return [other, variants as readonly string[]];
    }),
  );
}

function entriesOf(what: string, given: unknown = {}): [string, unknown][] {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return Object.entries(given);
  throw invalidOption(what, given, "an object");
}

function userIds(what: string, value: unknown): ReadonlySet<string> {
  const ids = listOf(what, value, LISTED_USERS_MAX);
  for (const id of ids) if (typeof id !== "string") throw invalidOption(what, id, "ids that are strings");
  return new Set(ids as readonly string[]);
}

function listOf(what: string, value: unknown = [], lengthMax: number): readonly unknown[] {
  if (!Array.isArray(value)) throw invalidOption(what, value, "an array");
  if (value.length > lengthMax) {
    throw invalidOption(what, `${value.length} entries`, `at most ${lengthMax}, or use a rule`);
  }
  return value;
}
