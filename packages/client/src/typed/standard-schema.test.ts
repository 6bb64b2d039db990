import { expect, test } from "vitest";
import { KVValidationError } from "./errors/kv-errors.js";
import { type StandardSchemaResult, type StandardSchemaV1, validateValue } from "./standard-schema.js";

function schema<T>(
  validate: (value: unknown) => StandardSchemaResult<T> | Promise<StandardSchemaResult<T>>,
): StandardSchemaV1<unknown, T> {
  return { "~standard": { version: 1, vendor: "test", validate } };
}

test("returns what the schema makes of the value, at once or later", async () => {
  expect(
    await validateValue(
      schema((value) => ({ value: Number(value) })),
      "7",
      "k",
    ),
  ).toBe(7);
  expect(
    await validateValue(
      schema(async (value) => ({ value: Number(value) })),
      "8",
      "k",
    ),
  ).toBe(8);
});

test.each([
  ["at once", schema(() => ({ issues: [{ message: "no" }, { message: "never", path: ["a", { key: 0 }] }] }))],
  [
    "later",
    schema(async () => ({ issues: [{ message: "no" }, { message: "never", path: ["a", { key: 0 }] }] })),
  ],
])("a refusal %s becomes an error that names key and issues", async (_, refusing) => {
  const error = await validateValue(refusing, 1, "alice").catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(KVValidationError);
  expect(error).toMatchObject({
    message: 'KV value for "alice" failed validation: no; never',
    kvKey: "alice",
    validationMessage: "no; never",
    code: "WORKKIT_VALIDATION",
    issues: [
      { message: "no", path: [], code: "WORKKIT_KV_VALIDATION" },
      { message: "never", path: ["a", "0"], code: "WORKKIT_KV_VALIDATION" },
    ],
  });
});
