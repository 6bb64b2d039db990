import { expect, it } from "vitest";
import { REPEAT_MS, REPEATED_TEXTS_MAX } from "./limits.js";
import { Repeats } from "./repeats.js";

it("tells a text once, and after a while how often it was held back", () => {
  let nowMs = 0;
  const repeats = new Repeats(() => nowMs);
  expect(repeats.admit("full")).toBe("full");
  expect(repeats.admit("full")).toBeUndefined();
  expect(repeats.admit("other")).toBe("other");
  nowMs = REPEAT_MS - 1;
  expect(repeats.admit("full")).toBeUndefined();
  nowMs = REPEAT_MS;
  expect(repeats.admit("full")).toBe("full (2 more times since it was last told)");
  nowMs = 2 * REPEAT_MS;
  expect(repeats.admit("full")).toBe("full");
});

it("remembers a bounded number of texts", () => {
  const repeats = new Repeats(() => 0);
  for (let text = 0; text <= REPEATED_TEXTS_MAX; text++) repeats.admit(String(text));
  expect(repeats.admit("0")).toBe("0");
  expect(repeats.admit(String(REPEATED_TEXTS_MAX))).toBeUndefined();
});
