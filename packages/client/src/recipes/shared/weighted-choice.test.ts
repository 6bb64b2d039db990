import { describe, expect, test } from "vitest";
import { checkedWeights, weightedChoice } from "./weighted-choice.js";

const users = Array.from({ length: 20_000 }, (_, user) => `user-${user}`);
const shareOf = (weights: Record<string, number>, variant: string) =>
  users.filter((user) => weightedChoice(weights, ["test", user]) === variant).length / users.length;

describe("weightedChoice", () => {
  test("gives each variant its share", () => {
    const weights = { control: 70, blue: 20, green: 10 };
    expect(shareOf(weights, "control")).toBeCloseTo(0.7, 2);
    expect(shareOf(weights, "blue")).toBeCloseTo(0.2, 2);
    expect(shareOf(weights, "green")).toBeCloseTo(0.1, 2);
  });

  test("does not depend on the order of the variants", () => {
    for (const user of users.slice(0, 100)) {
      expect(weightedChoice({ a: 1, b: 2 }, [user])).toBe(weightedChoice({ b: 2, a: 1 }, [user]));
    }
  });

  test("moves users only to the variant that grows", () => {
    const before = { a: 1, b: 1 };
    const after = { a: 1, b: 3 };
    for (const user of users) {
      const was = weightedChoice(before, [user]);
      if (was === "b") expect(weightedChoice(after, [user])).toBe("b");
    }
  });

  test("never chooses a weight of 0, and nothing when there is no other", () => {
    expect(shareOf({ on: 1, off: 0 }, "off")).toBe(0);
    expect(weightedChoice({ off: 0 }, ["ada"])).toBeNull();
  });
});

test.each([
  ["nothing", undefined],
  ["an array", [1, 2]],
  ["no variants", {}],
  ["no weight above 0", { a: 0 }],
  ["a negative weight", { a: 1, b: -1 }],
  ["a weight that is no number", { a: Number.NaN }],
  ["a variant without a name", { "": 1 }],
  ["too many variants", Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`v${at}`, 1]))],
])("checkedWeights refuses %s", (_, weights) => {
  expect(() => checkedWeights("variants", weights)).toThrow(
    expect.objectContaining({ code: "option_invalid", hint: expect.any(String) }),
  );
});
