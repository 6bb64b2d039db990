import { describe, expect, test } from "vitest";
import { checkKey, checkKeyText, keyName } from "./keys.js";

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
    ["", "Key name cannot be empty."],
    [".", '"." is not allowed as a key name.'],
    ["..", '".." is not allowed as a key name.'],
  ])("refuses %o", (key, message) => {
    expect(() => keyName(key)).toThrow(new TypeError(message));
  });
});

describe("checkKey", () => {
  test.each(["a", "...", " ", "a/../b", "k".repeat(512), "日".repeat(170), "😀".repeat(128)])(
    "takes %o",
    (key) => {
      checkKey(key);
    },
  );

  test.each([
    ["", "key_invalid", "Key names must not be empty"],
    [".", "key_invalid", 'Illegal key name ".". Please use a different name.'],
    ["..", "key_invalid", 'Illegal key name "..". Please use a different name.'],
    ["k".repeat(513), "key_too_long", "UTF-8 encoded length of 513 exceeds key length limit of 512."],
    ["é".repeat(257), "key_too_long", "UTF-8 encoded length of 514 exceeds key length limit of 512."],
    ["日".repeat(171), "key_too_long", "UTF-8 encoded length of 513 exceeds key length limit of 512."],
    ["\uDE00\uD83D", "key_invalid", "Could not URL-decode key name"],
    ["a\uD800", "key_invalid", "Could not URL-decode key name"],
  ])("refuses %o", (key, code, message) => {
    expect(() => checkKey(key)).toThrow(expect.objectContaining({ code, message }));
  });

  test("a bound of a list may be what no key may be", () => {
    for (const bound of ["", ".", ".."]) checkKeyText(bound);
  });
});
