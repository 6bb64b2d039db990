import { KvError } from "@kvasir/client/namespace";
import { expect, test } from "vitest";
import { batchesOf, forEachBatch } from "./batches.js";

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

test("an error says how many items were done before it, with the code and hint that it had", async () => {
  const fail = (batch: readonly string[]) =>
    batch.includes("d") ? Promise.reject(new KvError("storage_full", "No space")) : Promise.resolve();
  const run = (items: readonly string[]) =>
    forEachBatch(batchesOf(items, limits), { total: items.length, done: "written" }, fail);
  await expect(run(["a", "b", "c", "d"])).rejects.toMatchObject({
    code: "storage_full",
    message: "No space. 3 of 4 were written before.",
    hint: "Run the command again to do the rest.",
  });
  await expect(run(["d"])).rejects.toMatchObject({ message: "No space" });
});
