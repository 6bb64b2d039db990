import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "./json-value.js";
import { mergePatch, overlay, without } from "./merge.js";

describe("mergePatch", () => {
  // RFC 7396, appendix A.
  test.each<[target: JsonValue, patch: JsonValue, result: JsonValue]>([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("%j with %j is %j", (target, patch, result) => {
    const before = JSON.stringify(target);
    expect(mergePatch(target, patch)).toEqual(result);
    expect(JSON.stringify(target)).toBe(before);
  });

  test("members of every object's prototype are members like any other", () => {
    expect(mergePatch({}, { constructor: { name: "x" }, toString: "y" })).toEqual({
      constructor: { name: "x" },
      toString: "y",
    });
  });
});

test.each<[base: JsonValue, over: JsonValue, result: JsonValue]>([
  [{ a: 1, b: { c: 2, d: 3 } }, { b: { c: 4 } }, { a: 1, b: { c: 4, d: 3 } }],
  [{ a: 1 }, { a: null }, { a: null }],
  [{ a: { b: 1 } }, { a: 2 }, { a: 2 }],
  [{ a: 2 }, { a: { b: 1 } }, { a: { b: 1 } }],
  [{ a: [1, 2] }, { a: [3] }, { a: [3] }],
  [{}, { toString: { a: 1 } }, { toString: { a: 1 } }],
])("%j under %j is %j", (base, over, result) => {
  expect(overlay(base, over)).toEqual(result);
});

test.each<[target: JsonObject, path: string[], result: JsonObject]>([
  [{ a: 1, b: 2 }, ["a"], { b: 2 }],
  [{ a: { b: 1, c: 2 } }, ["a", "b"], { a: { c: 2 } }],
  [{ a: 1 }, ["a", "b"], { a: 1 }],
  [{ a: 1 }, ["b"], { a: 1 }],
  [{ a: 1 }, ["toString"], { a: 1 }],
])("%j without %j is %j", (target, path, result) => {
  expect(without(target, path)).toEqual(result);
});
