import { expect, test } from "vitest";
import vectors from "../../../../testing/conformance/vectors/expiring-values.json" with { type: "json" };
import { expiringValue } from "./expiring-value.js";

// The helpers of Python and Go are tested with the same values.
test.each(vectors)("$what is read as in every language", ({ stored, value, expired }) => {
  expect(expiringValue(stored)).toEqual({ value, expired });
});
