import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeClock } from "../../store/clock.js";
import { RECLAIM_AFTER_MS } from "../../store/limits.js";
import { STAGED_KEPT_MS } from "./limits.js";
import { type LmdbStore, openLmdbStore } from "./lmdb-store.js";

let clock: FakeClock;
let store: LmdbStore;
beforeEach(async () => {
  clock = new FakeClock();
  store = openLmdbStore(":memory:", { clock });
  await store.namespaces.create({ id: "a", title: "A" });
});
afterEach(() => store.close());

const input = (value: Uint8Array, expirationMs: number | null = null) => ({
  value,
  expirationMs,
  metadata: null,
  contentType: null,
});
const bytes = (length: number) => Buffer.alloc(length, 1);

async function settleAll(): Promise<void> {
  await store.maintenance.sweep();
  clock.advance(RECLAIM_AFTER_MS);
  await store.maintenance.sweep();
  expect(store.maintenance.check().problems).toEqual([]);
}

test("what a refused write had staged goes at once", async () => {
  await store.entries.put("a", "key", input(bytes(1)));
  const large = input(bytes(3_000_000));
  expect(await store.entries.put("a", "key", large, null)).toMatchObject({ ok: false });
  const staged = {
    ...input(bytes(0)),
    value: await store.entries.stage("a", "key", [bytes(200_000)], { bytesMax: 200_000 }),
  };
  expect(await store.entries.put("a", "key", staged, null)).toMatchObject({ ok: false });
  expect(
    await store.entries.commit("a", [{ key: "key", version: null }], [{ type: "put", key: "b", ...large }]),
  ).toBeNull();
  expect(store.maintenance.rowsOf("blobs")).toBeGreaterThan(0);
  await store.maintenance.sweep();
  expect(store.maintenance.rowsOf("blobs")).toBe(0);
  expect(store.maintenance.check().problems).toEqual([]);
});

test("it removes what has expired and nothing else", async () => {
  const expirationMs = clock.nowMs() + 1000;
  await Promise.all(
    Array.from({ length: 3000 }, (_, index) =>
      store.entries.put(
        "a",
        `key${index}`,
        input(bytes(10), index % 3 === 0 ? null : expirationMs + (index % 2)),
      ),
    ),
  );
  expect(await store.maintenance.sweep()).toBe(0);
  clock.advance(1000);
  expect(await store.maintenance.sweep()).toBe(1000);
  clock.advance(1);
  expect(await store.maintenance.sweep()).toBe(1000);
  expect(store.maintenance.rowsOf("entries")).toBe(1000);
  expect(store.maintenance.rowsOf("expiry")).toBe(0);
});

test("watchers hear of what it removes", async () => {
  await store.entries.put("a", "key", input(bytes(10), clock.nowMs() + 1000));
  const changes = store.changes.watch({ namespace: "a" })[Symbol.asyncIterator]();
  clock.advance(1000);
  await store.maintenance.sweep();
  expect((await changes.next()).value).toMatchObject({ type: "expire", key: "key" });
  await changes.return?.();
});

test.each([
  ["replaced", () => store.entries.put("a", "key", input(bytes(10)))],
  ["deleted", () => store.entries.delete("a", "key")],
  [
    "counted over",
    () =>
      store.entries.commit(
        "a",
        [],
        [
          { type: "delete", key: "key" },
          { type: "increment", key: "key", by: 1, expirationMs: null },
        ],
      ),
  ],
  ["expired", async () => clock.advance(1000)],
])("a large value that was %s is reclaimed once its readers have had their time", async (_, lose) => {
  await store.entries.put("a", "key", input(bytes(300_000), clock.nowMs() + 1000));
  expect(store.maintenance.rowsOf("blobs")).toBe(3);
  await lose();
  await store.maintenance.sweep();
  expect(store.maintenance.rowsOf("blobs")).toBe(3);
  await settleAll();
  expect(store.maintenance.rowsOf("blobs")).toBe(0);
  expect(store.maintenance.rowsOf("reclaim")).toBe(0);
});

test("a staged value that no put takes over is reclaimed after a day", async () => {
  await store.entries.stage("a", "key", [bytes(300_000)], { bytesMax: 300_000 });
  clock.advance(STAGED_KEPT_MS - 1);
  await store.maintenance.sweep();
  expect(store.maintenance.rowsOf("blobs")).toBe(3);
  clock.advance(1);
  await store.maintenance.sweep();
  expect(store.maintenance.rowsOf("blobs")).toBe(0);
});

test("an upload that breaks off is reclaimed at once", async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield bytes(3_000_000);
    throw new Error("connection lost");
  }
  await expect(store.entries.stage("a", "key", broken(), { bytesMax: 1e9 })).rejects.toThrow();
  await store.maintenance.sweep();
  expect(store.maintenance.rowsOf("blobs")).toBe(0);
});

test("a deleted namespace is reclaimed with all that it had, and another is not", async () => {
  await store.namespaces.create({ id: "b", title: "B" });
  for (const id of ["a", "b"]) {
    await Promise.all(
      Array.from({ length: 2000 }, (_, index) =>
        store.entries.put(
          id,
          `key${index}`,
          input(bytes(index % 100 === 0 ? 5000 : 10), clock.nowMs() + 1e9),
        ),
      ),
    );
  }
  await store.namespaces.delete("a");
  await settleAll();
  expect([
    store.maintenance.rowsOf("entries"),
    store.maintenance.rowsOf("expiry"),
    store.maintenance.rowsOf("blobs"),
  ]).toEqual([2000, 2000, 20]);
});

test("a replaced large value goes as soon as the store was opened for, or at once", async () => {
  const brief = openLmdbStore(":memory:", { clock, replacedKeptMs: 5000 });
  await brief.namespaces.create({ id: "a", title: "A" });
  await brief.entries.put("a", "key", input(bytes(200_000)));
  const rows = brief.maintenance.rowsOf("blobs");
  await brief.entries.put("a", "key", input(bytes(200_000)));
  clock.advance(4999);
  await brief.maintenance.sweep();
  expect(brief.maintenance.rowsOf("blobs")).toBe(2 * rows);
  clock.advance(1);
  await brief.maintenance.sweep();
  expect(brief.maintenance.rowsOf("blobs")).toBe(rows);
  await brief.entries.delete("a", "key");
  await brief.maintenance.sweep({ evenIfRead: true });
  expect(brief.maintenance.rowsOf("blobs")).toBe(0);
  await brief.close();
});
