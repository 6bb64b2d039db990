import { expect, test } from "vitest";
import vectors from "../../../../testing/vectors/expiring-values.json" with { type: "json" };
import { expiringValue } from "./expiring-value.ts";

// The helpers of Python and Go read the same ones.
test.each(vectors)("$what is read as in every language", ({ stored, value, expired }) => {
  expect(expiringValue(stored)).toEqual({ value, expired });
});
