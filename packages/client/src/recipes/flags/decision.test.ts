import { describe, expect, test } from "vitest";
import { decide } from "./decision.js";
import { type FlagDefinition, parseFlag } from "./definition.js";
import type { FlagUser } from "./user.js";

const decideBy = (definition: FlagDefinition, user?: FlagUser) =>
  decide("new-checkout", parseFlag("new-checkout", definition), user);

describe("what decides, in this order", () => {
  const everything: FlagDefinition = {
    allow: ["ada", "eve"],
    deny: ["eve"],
    rules: [
      { when: { country: ["de", "at"], plan: "pro" }, variant: "blue" },
      { when: { country: "de" }, enabled: false },
    ],
    rollout: 0,
    variants: { blue: 0, green: 1 },
  };
  test.each<[string, FlagDefinition, FlagUser | undefined, object]>([
    ["the switch", { ...everything, enabled: false }, "ada", { enabled: false, reason: "disabled" }],
    ["the deny list", everything, "eve", { enabled: false, reason: "denied", variant: null }],
    ["the allow list", everything, "ada", { enabled: true, reason: "allowed", variant: "green" }],
    [
      "the first rule that holds",
      everything,
      { id: "bob", country: "at", plan: "pro" },
      { enabled: true, reason: "rule", rule: 1, variant: "blue" },
    ],
    [
      "a later rule",
      everything,
      { id: "bob", country: "de", plan: "free" },
      { enabled: false, reason: "rule", rule: 2 },
    ],
    [
      "the rollout",
      everything,
      { id: "bob", country: "fr" },
      { enabled: false, reason: "rollout", rule: null },
    ],
  ])("%s", (_, definition, user, expected) => {
    expect(decideBy(definition, user)).toMatchObject(expected);
  });
});

describe("without a user", () => {
  test("a rollout to everybody holds, one to a part does not", () => {
    expect(decideBy({}).enabled).toBe(true);
    expect(decideBy({ rollout: 99.9 }).enabled).toBe(false);
  });

  test("no rule holds, and no variant is chosen", () => {
    const rules = [{ when: { id: "ada" }, enabled: false }];
    expect(decideBy({ rules, variants: { a: 1 } })).toEqual({
      enabled: true,
      variant: null,
      reason: "rollout",
      rule: null,
    });
  });
});

test("a rollout that is raised keeps those it had", () => {
  const users = Array.from({ length: 5_000 }, (_, at) => `user-${at}`);
  const having = (rollout: number) => users.filter((user) => decideBy({ rollout }, user).enabled);
  expect(having(20)).toEqual(expect.arrayContaining(having(10)));
  expect(having(0)).toEqual([]);
  expect(having(100)).toEqual(users);
});

test("rules look at a user's own attributes, and compare strictly", () => {
  const rules: FlagDefinition["rules"] = [{ when: { constructor: "Object" } }, { when: { age: 7 } }];
  expect(decideBy({ rules, rollout: 0 }, { id: "ada" }).reason).toBe("rollout");
  expect(decideBy({ rules, rollout: 0 }, { id: "ada", age: "7" }).reason).toBe("rollout");
  expect(decideBy({ rules, rollout: 0 }, { id: "ada", age: 7 }).reason).toBe("rule");
});

test.each([
  ["nothing", null],
  ["an array", []],
  ["a misspelt part", { rolout: 10 }],
  ["a rollout over 100", { rollout: 101 }],
  ["a negative rollout", { rollout: -1 }],
  ["an enabled that is no boolean", { enabled: "yes" }],
  ["a list of numbers", { allow: [1] }],
  ["a list that is too long", { deny: Array.from({ length: 10_001 }, String) }],
  ["a rule for everybody", { rules: [{ when: {} }] }],
  ["a rule with a part misspelt", { rules: [{ if: { a: 1 } }] }],
  ["a rule for a variant there is not", { rules: [{ when: { a: 1 }, variant: "blue" }] }],
  ["a rule on an object", { rules: [{ when: { a: { b: 1 } } }] }],
  ["variants without weight", { variants: { a: 0 } }],
  ["a description that is no text", { description: 1 }],
])("a definition that is %s is refused", (_, definition) => {
  expect(() => parseFlag("new-checkout", definition)).toThrow(
    expect.objectContaining({ code: "option_invalid", hint: expect.any(String) }),
  );
});

test.each([[""], [{}], [{ id: 7 }], [null]])("a user of %j is refused", (user) => {
  expect(() => decideBy({}, user as unknown as FlagUser)).toThrow(
    expect.objectContaining({ code: "option_invalid" }),
  );
});
