import { describe, expect, test } from "vitest";
import { cursorOf, keyOfCursor } from "./cursor.js";

describe("a cursor", () => {
  test.each(["a", "a/b", "日本語", "😀", "\u0000", "x".repeat(512)])("leads back to %o", (key) => {
    expect(keyOfCursor(cursorOf(key))).toBe(key);
    expect(cursorOf(key)).toMatch(/^[\w-]+$/);
  });

  test("left out or empty is the start", () => {
    expect(keyOfCursor(undefined)).toBeUndefined();
    expect(keyOfCursor("")).toBeUndefined();
  });

  test.each(["*", "YQ==", "YQ=", "Y", "YR", " YQ", "_w", "7aCA", "é", cursorOf("x".repeat(513))])(
    "%o is none",
    (cursor) => {
      expect(() => keyOfCursor(cursor)).toThrow(
        expect.objectContaining({ code: "cursor_invalid", hint: expect.any(String) }),
      );
    },
  );
});
