import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Change, WatchQuery } from "../../store/changes.js";
import { type Environment, openEnvironment } from "./environment.js";
import { type LmdbStore, lmdbStore } from "./lmdb-store.js";
import { nextTurn } from "./turns.js";

const BYSTANDERS = 200;

let environment: Environment;
let store: LmdbStore;
let ends: AbortController[];
beforeEach(async () => {
  environment = openEnvironment(":memory:", { durability: "relaxed" });
  store = lmdbStore(environment);
  ends = [];
  for (const id of ["one", "two"]) await store.namespaces.create({ id, title: id });
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const end of ends) end.abort();
  await store.close();
});

/** Watches until the end of the test. Returns the keys of the changes that arrive. */
function watch(namespace: string, query: WatchQuery = {}): string[] {
  const keys: string[] = [];
  const end = new AbortController();
  ends.push(end);
  const changes = store.changes.watch({ ...query, namespace, signal: end.signal });
  void (async () => {
    for await (const { key } of changes) keys.push(key);
  })();
  return keys;
}

function put(key: string, namespace = "one") {
  const input = { value: Buffer.from("value"), expirationMs: null, metadata: null, contentType: null };
  return store.entries.put(namespace, key, input);
}

describe("watches of something else", () => {
  /** The number of log reads that one write causes. */
  async function looksPerWrite(): Promise<number> {
    await nextTurn();
    const reads = vi.spyOn(environment.tables.changes, "getRange");
    await put("written");
    await nextTurn();
    return reads.mock.calls.length;
  }

  test("do not wake for a write to another prefix", async () => {
    for (let index = 0; index < BYSTANDERS; index++) watch("one", { prefix: `other:${index}:` });
    expect(await looksPerWrite()).toBeLessThanOrEqual(3);
  });

  test("do not wake for a write to another namespace", async () => {
    for (let index = 0; index < BYSTANDERS; index++) watch("two");
    expect(await looksPerWrite()).toBeLessThanOrEqual(3);
  });

  test("do not wake when another namespace is created or deleted", async () => {
    await store.namespaces.create({ id: "three", title: "three" });
    for (let index = 0; index < BYSTANDERS; index++) watch("two");
    await nextTurn();
    const reads = vi.spyOn(environment.tables.changes, "getRange");
    await store.namespaces.create({ id: "four", title: "four" });
    await store.namespaces.delete("three");
    await nextTurn();
    expect(reads.mock.calls.length).toBeLessThanOrEqual(6);
  });
});

test("each watch is told what it asks for, asleep or awake", async () => {
  const prefixes = ["", "a", "ab", "abc", "b", "ä", "😀", "none"];
  const watches = prefixes.map((prefix) => ({ prefix, keys: watch("one", { prefix }) }));
  const written = ["a", "abc", "abd", "b", "äb", "😀!", "z"];
  for (const [at, key] of written.entries()) {
    // Some writes follow each other, others find all watchers asleep.
    if (at % 2 === 0) await nextTurn();
    await put(key);
    await put(key, "two");
  }
  const expected = prefixes.map((prefix) => written.filter((key) => key.startsWith(prefix)));
  await expect.poll(() => watches.map(({ keys }) => keys)).toEqual(expected);
});

test("one that comes late, or resumes, finds the sleepers where they were", async () => {
  const early = watch("one", { prefix: "x" });
  await nextTurn();
  const since = await store.changes.position();
  await put("a");
  const late = watch("one", { since });
  await put("x1");
  await put("b");
  await put("x2");
  await expect
    .poll(() => [early, late])
    .toEqual([
      ["x1", "x2"],
      ["a", "x1", "b", "x2"],
    ]);
});

test("a watch that slept through all that is remembered resumes after what it slept through", async () => {
  const asleep = store.changes.watch({ namespace: "one", prefix: "rare" })[Symbol.asyncIterator]();
  const next = asleep.next() as Promise<IteratorResult<Change>>;
  // More changes than the log keeps.
  const page = Array.from(
    { length: 1000 },
    (_, index) => ({ type: "put", key: `frequent:${index}` }) as const,
  );
  const input = { value: Buffer.of(), expirationMs: null, metadata: null, contentType: null };
  for (let round = 0; round < 110; round++) {
    await store.entries.writeMany(
      "two",
      page.map((mutation) => ({ ...mutation, ...input })),
    );
  }
  await put("rare");
  expect((await next).value).toMatchObject({ key: "rare" });
  await asleep.return?.(undefined);
});
