import { expect, test } from "vitest";
import { ValidationError } from "./errors/failures.js";
import { fullKey, validateKey } from "./validate-key.js";

test.each(["a", "user:alice", "a".repeat(512), "😀".repeat(128), " ", "."])("%j is a key", (key) => {
  expect(() => validateKey(key)).not.toThrow();
});

test.each([
  ["", "WORKKIT_KV_EMPTY_KEY", /non-empty string/],
  [undefined as unknown as string, "WORKKIT_KV_EMPTY_KEY", /non-empty string/],
  ["a".repeat(513), "WORKKIT_KV_KEY_TOO_LONG", /maximum size of 512 bytes \(got 513 bytes\)/],
  ["😀".repeat(129), "WORKKIT_KV_KEY_TOO_LONG", /got 516 bytes/],
])("%j is none", (key, code, message) => {
  expect(() => validateKey(key)).toThrow(ValidationError);
  expect(() => validateKey(key)).toThrow(message);
  expect(() => validateKey(key)).toThrow(
    expect.objectContaining({ issues: [expect.objectContaining({ code })] }),
  );
});

test("a key that is too long together with its prefix is refused with both counted", () => {
  expect(fullKey("p:", "a".repeat(510))).toHaveLength(512);
  expect(() => fullKey("p:", "a".repeat(511))).toThrow(/512 bytes \(got 513 bytes\)/);
});

test("an empty key is refused behind a prefix too", () => {
  expect(() => fullKey("p:", "")).toThrow(/non-empty/);
});

test("the names that no URL can carry are refused, unless a prefix makes them others", () => {
  expect(() => fullKey("", "..")).toThrow(/must not be "\.\."/);
  expect(() => fullKey(".", ".")).toThrow(ValidationError);
  expect(fullKey("p", ".")).toBe("p.");
});
