import { describe, expect, test } from "vitest";
import { dictionary, int32, optionalInt32, optionalText, text } from "./coerce.js";

describe("int32", () => {
  test.each([
    [60, 60],
    [60.9, 60],
    [-60.9, -60],
    [-0.5, 0],
    ["90", 90],
    [" 7 ", 7],
    ["abc", 0],
    [null, 0],
    [true, 1],
    [{}, 0],
    [[5], 5],
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 0],
    [Number.NEGATIVE_INFINITY, 0],
    [2147483647, 2147483647],
    [-2147483648, -2147483648],
  ])("%o is sent as %o", (value, sent) => {
    expect(int32(value)).toBe(sent);
  });

  test.each([2147483648, 2147483647.5, -2147483649, -2147483648.5, 1e100, "1700000000000"])(
    "%o is out of range",
    (value) => {
      expect(() => int32(value)).toThrow(
        new TypeError("Value out of range. Must be between -2147483648 and 2147483647 (inclusive)."),
      );
    },
  );

  test("a BigInt and a symbol are the engine's own TypeErrors", () => {
    expect(() => int32(60n)).toThrow(TypeError);
    expect(() => int32(Symbol("s"))).toThrow(TypeError);
  });

  test("an option that is left out stays so", () => {
    expect(optionalInt32(undefined)).toBeUndefined();
    expect(optionalInt32(null)).toBe(0);
  });
});

test("text is ToString, optional text takes null for nothing", () => {
  expect(text(null)).toBe("null");
  expect(text({})).toBe("[object Object]");
  expect(() => text(Symbol("s"))).toThrow(TypeError);
  expect(optionalText(null)).toBeUndefined();
  expect(optionalText(undefined)).toBeUndefined();
  expect(optionalText("")).toBe("");
  expect(optionalText(12)).toBe("12");
});

test("a dictionary is an object or nothing", () => {
  const options = { a: 1 };
  expect(dictionary(options, "wrong")).toBe(options);
  expect(dictionary(null, "wrong")).toEqual({});
  expect(dictionary(undefined, "wrong")).toEqual({});
  for (const other of ["text", 5, true, 5n]) expect(() => dictionary(other, "wrong")).toThrow("wrong");
});
