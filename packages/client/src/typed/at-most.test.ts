import { expect, test } from "vitest";
import { atMost, chunks } from "./at-most.js";

/** Work whose pieces end when the test ends them. */
class Bench {
  readonly begun: number[] = [];
  readonly #end = new Map<number, { resolve(): void; reject(error: Error): void }>();
  readonly work = (item: number) =>
    new Promise<void>((resolve, reject) => {
      this.begun.push(item);
      this.#end.set(item, { resolve, reject });
    });

  async finish(item: number): Promise<void> {
    this.#end.get(item)?.resolve();
    await Promise.resolve().then(() => {});
  }

  fail(item: number): void {
    this.#end.get(item)?.reject(new Error(`item ${item}`));
  }
}

test("begins no more than allowed, and the next when one is done", async () => {
  const bench = new Bench();
  const all = atMost(2, [1, 2, 3], bench.work);
  expect(bench.begun).toEqual([1, 2]);
  await bench.finish(2);
  expect(bench.begun).toEqual([1, 2, 3]);
  await bench.finish(1);
  await bench.finish(3);
  await all;
});

test("rejects with the first failure and begins nothing after it", async () => {
  const bench = new Bench();
  const all = atMost(2, [1, 2, 3, 4], bench.work);
  bench.fail(1);
  await expect(all).rejects.toThrow("item 1");
  await bench.finish(2);
  expect(bench.begun).toEqual([1, 2]);
});

test("nothing to do is done", async () => {
  await atMost(2, [], () => Promise.reject(new Error("called")));
});

test.each([
  [[], []],
  [[1, 2], [[1, 2]]],
  [
    [1, 2, 3],
    [[1, 2], [3]],
  ],
])("%j in pieces of two is %j", (items, pieces) => {
  expect(chunks(items as number[], 2)).toEqual(pieces);
});
