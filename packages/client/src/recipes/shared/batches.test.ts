import { expect, test } from "vitest";
import { Batches } from "./batches.js";
import { BATCH_WAITERS_MAX } from "./limits.js";

/** Batches whose work ends when the test ends it. */
function held(weightMax: number) {
  const seen: (readonly number[])[] = [];
  const ends: (() => void)[] = [];
  let idle = 0;
  const batches = new Batches<number, string>(
    async (items) => {
      seen.push(items);
      await new Promise<void>((resolve) => ends.push(resolve));
      return items.map((item) => `done ${item}`);
    },
    { weightMax, onIdle: () => idle++ },
  );
  return { batches, seen, ends, idle: () => idle };
}

test("what is asked for while a batch is under way is the next batch, in order", async () => {
  const { batches, seen, ends, idle } = held(3);
  const results = [1, 2, 3, 4, 5].map((item) => batches.add(item));
  expect(seen).toEqual([[1]]);
  ends[0]?.();
  await results[0];
  await Promise.resolve();
  expect(seen).toEqual([[1], [2, 3, 4]]);
  ends[1]?.();
  await results[3];
  await Promise.resolve();
  expect(idle()).toBe(0);
  ends[2]?.();
  expect(await Promise.all(results)).toEqual([1, 2, 3, 4, 5].map((item) => `done ${item}`));
  await Promise.resolve();
  expect(idle()).toBe(1);
});

test("items are gathered by their weight", async () => {
  const seen: (readonly number[])[] = [];
  const batches = new Batches<number, undefined>(
    async (items) => {
      seen.push(items);
      return items.map(() => undefined);
    },
    { weightMax: 10, weigh: (item) => item },
  );
  await Promise.all([1, 4, 6, 5, 99, 1].map((item) => batches.add(item)));
  expect(seen).toEqual([[1], [4, 6], [5], [99], [1]]);
});

test("where requests must not share, each item is a batch of its own, and nothing is kept", async () => {
  const seen: (readonly number[])[] = [];
  let idle = 0;
  const batches = new Batches<number, number>(
    async (items) => {
      seen.push(items);
      if (items[0] === 2) throw new Error("second");
      return items;
    },
    { weightMax: 10, share: false, onIdle: () => idle++ },
  );
  const settled = await Promise.allSettled([1, 2, 3].map((item) => batches.add(item)));
  expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(seen).toEqual([[1], [2], [3]]);
  expect(idle).toBe(3);
});

test("a batch that fails fails for all of it, and for nobody else", async () => {
  let calls = 0;
  const batches = new Batches<number, number>(
    async (items) => {
      if (++calls === 2) throw new Error("second");
      return items;
    },
    { weightMax: 2 },
  );
  const settled = await Promise.allSettled([1, 2, 3, 4].map((item) => batches.add(item)));
  expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
});

test("only so many wait", async () => {
  const { batches, ends } = held(BATCH_WAITERS_MAX);
  const results = Array.from({ length: BATCH_WAITERS_MAX + 1 }, (_, item) => batches.add(item));
  await expect(batches.add(-1)).rejects.toMatchObject({ code: "contended" });
  ends[0]?.();
  await results[0];
  await Promise.resolve();
  ends[1]?.();
  expect((await Promise.all(results)).length).toBe(BATCH_WAITERS_MAX + 1);
});
