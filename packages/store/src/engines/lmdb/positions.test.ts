import { describe, expect, test } from "vitest";
import { parsePosition, positionOf } from "./positions.js";

describe("positions", () => {
  test.each([
    [0, null],
    [42, null],
    [42, 1],
    [Number.MAX_SAFE_INTEGER, 999_999_999],
  ])("of version %i and %o changes come back as they were", (version, told) => {
    expect(parsePosition(positionOf(version, told))).toEqual({ version, told });
  });

  test.each([
    "",
    "c",
    "5",
    "C5",
    "c5.",
    "c5.0",
    "c5.x",
    "c-1",
    "c5 ",
    "c5\n",
    "czzzzzzzzzzz",
    "c5.1.2",
    5 as never,
  ])("refuses %o", (text) => {
    expect(() => parsePosition(text)).toThrow(
      expect.objectContaining({ code: "bad_request", message: expect.stringContaining("Invalid position") }),
    );
  });
});
