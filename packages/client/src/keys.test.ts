import { describe, expect, test } from "vitest";
import { keyName } from "./keys.js";

describe("keyName", () => {
  test.each([
    ["a", "a"],
    [undefined, "undefined"],
    [["a", "b"], "a,b"],
    ["...", "..."],
    ["k".repeat(512), "k".repeat(512)],
    ["日".repeat(170), "日".repeat(170)],
    ["😀", "😀"],
  ])("takes %o", (key, name) => {
    expect(keyName(key)).toBe(name);
  });

  test.each([
    ["", TypeError, "Key name cannot be empty."],
    [".", TypeError, '"." is not allowed as a key name.'],
    ["..", TypeError, '".." is not allowed as a key name.'],
    ["k".repeat(513), Error, "UTF-8 encoded length of 513 exceeds key length limit of 512."],
    ["日".repeat(171), Error, "UTF-8 encoded length of 513 exceeds key length limit of 512."],
    ["\uD83D", Error, "Could not URL-decode key name"],
    ["\uDE00\uD83D", Error, "Could not URL-decode key name"],
  ])("refuses %o", (key, type, message) => {
    expect(() => keyName(key)).toThrow(type);
    expect(() => keyName(key)).toThrow(message);
  });
});
