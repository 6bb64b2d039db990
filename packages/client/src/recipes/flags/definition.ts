import { invalidOption } from "../options.js";
import { checkedWeights, type Weights } from "../weighted-choice.js";
import { LISTED_USERS_MAX, RULES_MAX } from "./limits.js";
import { type AttributeValue, booleanOf, parseRule, percentageOf, type Rule } from "./rule.js";

/** A flag as it is stored: JSON, every part of which may be left out. */
export interface FlagDefinition {
  /** `false` turns the flag off for everybody, whatever else is said. @default true */
  readonly enabled?: boolean | undefined;
  /** Percentage of users who have it, 0 to 100. Raised, it keeps those who had it. @default 100 */
  readonly rollout?: number | undefined;
  /** Ids of users who have it whatever the rules and the rollout say. */
  readonly allow?: readonly string[] | undefined;
  /** Ids of users who never have it; wins over `allow`. */
  readonly deny?: readonly string[] | undefined;
  /** The first that holds for a user decides, instead of `rollout`. */
  readonly rules?: readonly FlagRule[] | undefined;
  /** How large each variant's share is among those who have the flag, such as `{ "blue": 1, "green": 3 }`. */
  readonly variants?: Weights | undefined;
  /** For people. */
  readonly description?: string | undefined;
}

export interface FlagRule {
  /**
   * Attributes of the user, each with its value or those it may have; the rule holds when all of them do. `id` is the
   * user's id. Values are compared by `===`; an attribute that a user lacks is none of them.
   */
  readonly when: Readonly<Record<string, AttributeValue | readonly AttributeValue[]>>;
  /** @default true */
  readonly enabled?: boolean | undefined;
  /** Percentage of the users it holds for who have the flag, 0 to 100. @default 100 */
  readonly rollout?: number | undefined;
  /** The variant that these users get, instead of one by weight. */
  readonly variant?: string | undefined;
}

/** A definition that was checked, in the form in which it is evaluated. */
export interface Flag {
  readonly enabled: boolean;
  readonly rollout: number;
  readonly allow: ReadonlySet<string>;
  readonly deny: ReadonlySet<string>;
  readonly rules: readonly Rule[];
  readonly variants: Weights | undefined;
}

const PARTS = new Set(["enabled", "rollout", "allow", "deny", "rules", "variants", "description"]);

/**
 * Checks a definition, wherever it comes from: a caller, or a store in which anybody may have written.
 *
 * @param name the flag's, for the error
 * @throws KvError `option_invalid`; also for a part that has no meaning, which is a misspelt one
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
  };
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
