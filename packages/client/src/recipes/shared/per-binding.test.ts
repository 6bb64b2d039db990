import { expect, test } from "vitest";
import { perBinding } from "./per-binding.js";

test("one recipe for each binding, whatever it is", () => {
  let made = 0;
  const recipeOf = perBinding((_binding: object) => (++made === 1 ? undefined : { number: made }));
  const [first, second] = [{}, {}];
  expect([recipeOf(first), recipeOf(first)]).toEqual([undefined, undefined]);
  expect(recipeOf(second)).toBe(recipeOf(second));
  expect(made).toBe(2);
});
