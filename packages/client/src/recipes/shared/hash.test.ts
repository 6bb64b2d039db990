import { describe, expect, test } from "vitest";
import { stableFraction, stableHash } from "./hash.js";

describe("stableHash", () => {
  // Reference vectors of MurmurHash3_x86_32.
  test.each([
    ["", 0, 0],
    ["", 1, 0x514e28b7],
    ["", 0xffffffff, 0x81f16f39],
    ["\0\0\0\0", 0, 0x2362f9de],
    ["a", 0x9747b28c, 0x7fa09ea6],
    ["aa", 0x9747b28c, 0x5d211726],
    ["aaa", 0x9747b28c, 0x283e0130],
    ["aaaa", 0x9747b28c, 0x5a97808a],
    ["ab", 0x9747b28c, 0x74875592],
    ["abc", 0x9747b28c, 0xc84a62dd],
    ["abcd", 0x9747b28c, 0xf0478627],
    ["Hello, world!", 0x9747b28c, 0x24884cba],
    ["The quick brown fox jumps over the lazy dog", 0x9747b28c, 0x2fa826cd],
    ["ππππππππ", 0x9747b28c, 0xd58063c1],
  ])("of %j with the seed %d", (text, seed, expected) => {
    expect(stableHash(text, seed)).toBe(expected);
  });

  test("takes a lone surrogate for U+FFFD", () => {
    expect(stableHash("a\ud800")).toBe(stableHash("a\ufffd"));
  });
});

describe("stableFraction", () => {
  test("is between 0 and 1, even of a hash of 0", () => {
    expect(stableHash("")).toBe(0);
    expect(stableFraction("")).toBeGreaterThan(0);
    expect(stableFraction("anything")).toBeLessThan(1);
  });

  test("keeps parts apart", () => {
    expect(stableFraction("ab", "c")).not.toBe(stableFraction("a", "bc"));
  });

  test("has not changed since it was first promised", () => {
    expect(["ada", "bob", "eve"].map((user) => stableFraction("new-checkout", user).toFixed(6))).toEqual([
      "0.244657",
      "0.275610",
      "0.465813",
    ]);
  });
});
