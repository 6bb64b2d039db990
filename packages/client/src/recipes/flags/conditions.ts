import { invalidOption } from "../shared/options.js";
import { attributeOf, type FlagUser } from "./user.js";

/** The values that attributes can be compared with. */
export type AttributeValue = string | number | boolean;

/** Comparisons of an attribute. All that are given must hold. */
export interface AttributeOperators {
  /** None of these values. */
  readonly not?: AttributeValue | readonly AttributeValue[] | undefined;
  readonly moreThan?: number | undefined;
  readonly atLeast?: number | undefined;
  readonly lessThan?: number | undefined;
  readonly atMost?: number | undefined;
  /** One of these texts. */
  readonly startsWith?: string | readonly string[] | undefined;
  readonly endsWith?: string | readonly string[] | undefined;
  /** One of these texts is a part of it; of an attribute that is an array, an element. */
  readonly contains?: string | readonly string[] | undefined;
  /** Versions such as `2.10.1`, compared number by number. What follows a `-` is ignored. */
  readonly versionAtLeast?: string | undefined;
  readonly versionBelow?: string | undefined;
}

/** What attributes of a user must be: a value, one of several, or comparisons. */
export type Conditions = Readonly<
  Record<string, AttributeValue | readonly AttributeValue[] | AttributeOperators>
>;

type Test = (value: unknown) => boolean;

/** Conditions that were checked. */
export type ParsedConditions = readonly (readonly [attribute: string, test: Test])[];

/** @throws KvError `option_invalid` */
export function parseConditions(what: string, when: object): ParsedConditions {
  return Object.entries(when).map(([attribute, condition]) => [
    attribute,
    testOf(`${attribute} of ${what}`, condition),
  ]);
}

/** Whether all conditions hold for a user. A missing attribute fulfils none, nor does a missing user. */
export function conditionsHold(conditions: ParsedConditions, user: FlagUser | undefined): boolean {
  return conditions.every(([attribute, test]) => {
    const value = attributeOf(user, attribute);
    return value !== undefined && test(value);
  });
}

function testOf(what: string, condition: unknown): Test {
  if (typeof condition !== "object" || condition === null || Array.isArray(condition)) {
    const values = attributeValues(what, condition);
    return (value) => values.has(value as AttributeValue);
  }
  const tests = Object.entries(condition).map(([name, operand]) => {
    const make = Object.hasOwn(OPERATORS, name) ? OPERATORS[name as keyof typeof OPERATORS] : undefined;
    if (make === undefined) {
      throw invalidOption(`comparison of ${what}`, name, Object.keys(OPERATORS).join(", "));
    }
    return make(`${name} of ${what}`, operand);
  });
  if (tests.length === 0) throw invalidOption(what, "{}", "at least one comparison");
  return (value) => tests.every((test) => test(value));
}

const OPERATORS = {
  not(what, operand) {
    const values = attributeValues(what, operand);
    return (value) => !values.has(value as AttributeValue);
  },
  moreThan: ofNumbers((value, bound) => value > bound),
  atLeast: ofNumbers((value, bound) => value >= bound),
  lessThan: ofNumbers((value, bound) => value < bound),
  atMost: ofNumbers((value, bound) => value <= bound),
  startsWith: ofTexts((value, text) => typeof value === "string" && value.startsWith(text)),
  endsWith: ofTexts((value, text) => typeof value === "string" && value.endsWith(text)),
  contains: ofTexts(
    (value, text) => (typeof value === "string" || Array.isArray(value)) && value.includes(text),
  ),
  versionAtLeast: ofVersions((compared) => compared >= 0),
  versionBelow: ofVersions((compared) => compared < 0),
} satisfies Record<keyof AttributeOperators, (what: string, operand: unknown) => Test>;

function ofNumbers(holds: (value: number, bound: number) => boolean) {
  return (what: string, operand: unknown): Test => {
    if (typeof operand !== "number" || !Number.isFinite(operand)) {
      throw invalidOption(what, operand, "a finite number");
    }
    return (value) => typeof value === "number" && holds(value, operand);
  };
}

function ofTexts(holds: (value: unknown, text: string) => boolean) {
  return (what: string, operand: unknown): Test => {
    const texts: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
    for (const text of texts) {
      if (typeof text !== "string" || text === "")
        throw invalidOption(what, text, "strings that are not empty");
    }
    return (value) => texts.some((text) => holds(value, text as string));
  };
}

function ofVersions(holds: (compared: number) => boolean) {
  return (what: string, operand: unknown): Test => {
    const bound = versionOf(operand);
    if (bound === undefined) throw invalidOption(what, operand, 'a version such as "2.10.1"');
    return (value) => {
      const version = versionOf(value);
      if (version === undefined) return false;
      const parts = Math.max(version.length, bound.length);
      for (let at = 0; at < parts; at++) {
        const difference = (version[at] ?? 0) - (bound[at] ?? 0);
        if (difference !== 0) return holds(difference);
      }
      return holds(0);
    };
  };
}

function versionOf(value: unknown): readonly number[] | undefined {
  const [, numbers] = /^v?(\d+(?:\.\d+)*)(?:[-+].*)?$/.exec(String(value)) ?? [];
  return numbers?.split(".").map(Number);
}

function attributeValues(what: string, given: unknown): ReadonlySet<AttributeValue> {
  const values: readonly unknown[] = Array.isArray(given) ? given : [given];
  for (const value of values) {
    if (["string", "boolean"].includes(typeof value) || Number.isFinite(value)) continue;
    throw invalidOption(what, value, "strings, finite numbers or booleans");
  }
  return new Set(values as readonly AttributeValue[]);
}
