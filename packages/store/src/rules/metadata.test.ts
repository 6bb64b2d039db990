import { describe, expect, test } from "vitest";
import { storedMetadata } from "./metadata.js";

describe("storedMetadata", () => {
  test.each([
    [undefined, null],
    ["null", "null"],
    ["0", "0"],
    ['""', '""'],
    [' { "a" : 1 } ', '{"a":1}'],
    ['"\\u00fc"', '"ü"'],
    [`"${"x".repeat(1022)}"`, `"${"x".repeat(1022)}"`],
    [`${" ".repeat(5000)}1`, "1"],
  ])("%o is stored as %o", (text, stored) => {
    expect(storedMetadata(text)).toBe(stored);
  });

  test.each([
    ["undefined", "metadata_invalid", "Metadata must be valid JSON"],
    ["", "metadata_invalid", "Metadata must be valid JSON"],
    [`"${"x".repeat(1023)}"`, "metadata_too_large", "Metadata length of 1025 exceeds limit of 1024."],
    [`"${"é".repeat(512)}"`, "metadata_too_large", "Metadata length of 1026 exceeds limit of 1024."],
    [`"${"x".repeat(20_000)}"`, "metadata_too_large", "Metadata length of 20002 exceeds limit of 1024."],
  ])("refuses %o", (text, code, message) => {
    expect(() => storedMetadata(text)).toThrow(expect.objectContaining({ code, message }));
  });
});
