import { expect, test } from "vitest";
import { REFUSED_KEYS_MAX } from "./limits.js";
import { Refusals } from "./refusals.js";

const refused = { allowed: false, limit: 1, remaining: 0, resetSeconds: 60, retryAfterSeconds: 60 };

test("only so many keys are remembered, the newest", () => {
  const refusals = new Refusals();
  for (let key = 0; key <= REFUSED_KEYS_MAX; key++) refusals.note(`${key}`, 1, refused, 0);
  expect(refusals.verdict("0", 1, 0)).toBeUndefined();
  expect(refusals.verdict("1", 1, 0)).toEqual(refused);
  expect(refusals.verdict(`${REFUSED_KEYS_MAX}`, 1, 0)).toEqual(refused);
});

test("what is let through, or may be within a second, is not remembered", () => {
  const refusals = new Refusals();
  refusals.note("a", 1, { ...refused, allowed: true }, 0);
  refusals.note("b", 1, { ...refused, retryAfterSeconds: 1 }, 0);
  expect(refusals.verdict("a", 1, 0)).toBeUndefined();
  expect(refusals.verdict("b", 1, 0)).toBeUndefined();
});
