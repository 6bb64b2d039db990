import { KvError } from "@kvasir/client/namespace";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { Committer } from "./committer.js";
import { type Environment, openEnvironment } from "./environment.js";
import { nameKey } from "./tables.js";
import type { WriteTransaction } from "./write-transaction.js";

let environment: Environment;
let commits: number;
beforeEach(() => {
  environment = openEnvironment(":memory:", { durability: "strict" });
  commits = 0;
  environment.onCommit(() => commits++);
});
afterEach(() => environment.letGo());

const write = (name: string) => (transaction: WriteTransaction) => {
  transaction.tables.records.putSync(nameKey(name), Buffer.from("1"));
  return transaction.nextVersion();
};
const isThere = (name: string) => environment.tables.records.getBinaryFast(nameKey(name)) !== undefined;

test("operations submitted together share one transaction, in their order", async () => {
  const names = Array.from({ length: 100 }, (_, index) => `name${index}`);
  const versions = await Promise.all(names.map((name) => environment.committer.submit(write(name))));
  expect(versions).toEqual(names.map((_, index) => index + 1));
  expect(commits).toBe(1);
});

test("operations submitted while a transaction is under way share the next", async () => {
  const first = environment.committer.submit(write("first"));
  const later = first.then(() =>
    Promise.all([environment.committer.submit(write("b")), environment.committer.submit(write("c"))]),
  );
  await later;
  expect(commits).toBe(2);
});

test("one that refuses fails alone", async () => {
  const refused = new KvError("value_not_integer", "No.");
  const outcomes = await Promise.allSettled([
    environment.committer.submit(write("a")),
    environment.committer.submit(() => {
      throw refused;
    }),
    environment.committer.submit(write("c")),
  ]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(outcomes[1]).toMatchObject({ reason: refused });
  expect([isThere("a"), isThere("c"), commits]).toEqual([true, true, 1]);
});

test("one that breaks half-way leaves nothing behind, and its neighbours are stored without it", async () => {
  const outcomes = await Promise.allSettled([
    environment.committer.submit(write("a")),
    environment.committer.submit((transaction) => {
      write("broken")(transaction);
      throw new RangeError("A mistake of ours.");
    }),
    environment.committer.submit(write("c")),
  ]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(outcomes[1]).toMatchObject({ reason: { code: "internal" } });
  expect([isThere("a"), isThere("broken"), isThere("c")]).toEqual([true, false, true]);
});

test("one that refused because of what was then undone decides again", async () => {
  const ifAbsent = (transaction: WriteTransaction) => {
    if (isThere("a")) throw new KvError("condition_failed", "It is there.");
    return write("a")(transaction);
  };
  let tries = 0;
  const outcomes = await Promise.allSettled([
    environment.committer.submit((transaction) => {
      if (++tries > 1) throw new RangeError("It does not fit after all.");
      return write("a")(transaction);
    }),
    environment.committer.submit(ifAbsent),
    environment.committer.submit(() => {
      throw new RangeError("It does not fit.");
    }),
  ]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(["rejected", "fulfilled", "rejected"]);
});

test("close waits for what was submitted and refuses the rest", async () => {
  const submitted = environment.committer.submit(write("a"));
  const closed = environment.committer.close();
  await expect(environment.committer.submit(write("b"))).rejects.toMatchObject({ code: "unavailable" });
  await closed;
  expect(await submitted).toBe(1);
});

test("what a listener throws after a commit is thrown outside of it, and the write is made once", async () => {
  const later: (() => void)[] = [];
  const spy = vi
    .spyOn(globalThis, "queueMicrotask")
    .mockImplementation((callback) => void later.push(callback));
  onTestFinished(() => spy.mockRestore());
  environment.onCommit(() => {
    throw new Error("listener");
  });
  expect(await environment.committer.submit(write("once"))).toBe(1);
  expect(commits).toBe(1);
  expect(later).toHaveLength(1);
  expect(later[0]).toThrow("listener");
});

test("what was committed but must not be acknowledged is not tried again", async () => {
  const gone = new KvError("storage_gone", "Gone.");
  let unconfirmed: KvError | null = gone;
  let runs = 0;
  const { tables } = environment;
  const committer = new Committer({
    transact: async (work) => work(),
    begin: () => ({ tables, finish() {} }) as never,
    settled: () => {},
    unconfirmed: () => unconfirmed,
    makeRoom: () => 0,
  });
  const count = () => ++runs;
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => committer.submit(count)));
  expect(outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason)).toEqual([
    gone,
    gone,
    gone,
  ]);
  expect(runs).toBe(3);
  unconfirmed = null;
  expect(await committer.submit(count)).toBe(4);
});

test("on a full disk, nothing is tried that is as large as what found no room, and what is smaller is", async () => {
  const { tables } = environment;
  const tried: number[] = [];
  const committer = new Committer({
    transact: async (work) => {
      tried.length = 0;
      work();
      attempts.push([...tried]);
      if (tried.some((bytes) => bytes >= 100)) throw new KvError("storage_full", "Full.");
    },
    begin: () => ({ tables, finish() {} }) as never,
    settled: () => {},
    unconfirmed: () => null,
    makeRoom: () => 0,
  });
  const attempts: number[][] = [];
  const sizes = [500, 200, 300, 200, 150, 10, 150, 0];
  const outcomes = await Promise.allSettled(
    sizes.map((bytes) => committer.submit(() => tried.push(bytes), bytes)),
  );
  expect(sizes.filter((_, index) => outcomes[index]?.status === "fulfilled")).toEqual([10, 0]);
  const [first, together, ...alone] = attempts.filter((sizesTried) => sizesTried.length > 0);
  expect([first, together]).toEqual([[500], sizes.slice(1)]);
  // What fitted may have made room.
  expect(alone).toEqual([[200], [150], [10], [150], [0]]);
});
