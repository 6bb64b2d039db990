import { expect, test } from "vitest";
import { expiringValue } from "./expiring-value.ts";

const FUTURE_MS = 99_999_999_999_999;

test.each([
  ["a value of its own", `{"value":{"a":[1,null]},"expires_at":${FUTURE_MS}}`, { a: [1, null] }],
  ["no time", '{"value":"x","expires_at":null}', "x"],
  ["a time that is a word", '{"value":"x","expires_at":"soon"}', "x"],
  ["a time in seconds", '{"value":"x","expires_at":1600000000}', "x"],
  ["text", "text", "text"],
  ["JSON", "[1]", "[1]"],
  ["null", "null", "null"],
  ["another object", '{"value":1,"expires_at":5,"more":2}', '{"value":1,"expires_at":5,"more":2}'],
])("%s is returned and has not expired", (_, text, value) => {
  expect(expiringValue(text)).toEqual({ value, expired: false });
});

test("a time in milliseconds that has passed is an expiry", () => {
  expect(expiringValue('{"value":"x","expires_at":1600000000000}')).toEqual({ value: "x", expired: true });
});
