import { expect, test } from "vitest";
import { batchesOf } from "./batches.js";

const limits = { size: 3, bytesMax: 10, bytesOf: (text: string) => text.length };

test.each([
  [[], []],
  [["a", "b", "c"], [["a", "b", "c"]]],
  [
    ["a", "b", "c", "d"],
    [["a", "b", "c"], ["d"]],
  ],
  [
    ["aaaaaa", "bbbb", "c"],
    [["aaaaaa", "bbbb"], ["c"]],
  ],
  [
    ["a", "x".repeat(50), "b"],
    [["a"], ["x".repeat(50)], ["b"]],
  ],
])("%j", (items, expected) => {
  expect([...batchesOf(items, limits)]).toEqual(expected);
});
