/**
 * Faults tolerated here: a byte of an entry, of its key, of a part of a large value, or of an index row
 * changes on disk. Reading that key alone fails with `storage_corrupt`; wrong data is never returned. Writing
 * or deleting the key repairs it.
 */
import { join } from "node:path";
import { FakeClock, type KVNamespace, type KvError, open } from "@kvasir/store";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { expiryKey } from "../../packages/store/src/engines/lmdb/keys.js";
import type { LmdbStore } from "../../packages/store/src/engines/lmdb/lmdb-store.js";
import { flipAt } from "../harness/flip.js";
import { serve } from "../harness/kvasir-process.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";
import { problemsIn } from "./machinery/check.js";

const NOW_MS = Date.UTC(2026, 0, 1);
const HOUR_SECONDS = 3600;
/** The size of the version, expiration and time of writing at the start of every damaged entry below. */
const TIMES_BYTES = 21;

let directory: string;
let file: string;
beforeEach(async () => {
  directory = temporaryDirectory();
  file = join(directory, "data.mdb");
  const { database, kv } = opened();
  await kv.put("before", "intact");
  await kv.put("hit", "the value", { metadata: { label: "metadata" }, expirationTtl: HOUR_SECONDS });
  await kv.put("large", Buffer.concat([Buffer.alloc(300_000, "a"), Buffer.from("the end")]), {
    metadata: "of large",
  });
  await kv.put("later", "intact");
  await database.close();
});

function opened(clock = new FakeClock(NOW_MS)) {
  const database = open(directory, { clock });
  onTestFinished(() => database.close());
  const store = database.store as LmdbStore;
  return { database, store, kv: database.namespace("kept"), clock };
}

const namespaceId = (store: LmdbStore) => store.namespaces.find("kept")?.id ?? "";

const damagedError = (key: string) =>
  expect.objectContaining({
    code: "storage_corrupt",
    message: expect.stringMatching(new RegExp(`The entry "${key}" of namespace [0-9a-f]{32} is damaged`)),
    hint: expect.stringContaining("Write the key again, delete it, or restore it"),
  });

const DAMAGES: readonly (readonly [what: string, text: string, offset: number])[] = [
  ["value", "the value", 4],
  ["metadata", '{"label":"metadata"}', 5],
  ["flags", '{"label":"metadata"}', -2 - TIMES_BYTES - 1],
  ["version", '{"label":"metadata"}', -2 - TIMES_BYTES + 6],
  ["expiration", '{"label":"metadata"}', -2 - TIMES_BYTES + 10],
  ["time of writing", '{"label":"metadata"}', -3],
  ["length of the metadata", '{"label":"metadata"}', -1],
  ["checksum", "the value", "the value".length],
];

describe.each(DAMAGES)("an entry whose %s has changed on disk", (_, text, offset) => {
  let kv: KVNamespace;
  let store: LmdbStore;
  beforeEach(() => {
    flipAt(file, text, offset);
    ({ kv, store } = opened());
  });

  test("is an error for its key alone", async () => {
    const error = damagedError("hit");
    await expect(kv.get("hit")).rejects.toEqual(error);
    await expect(kv.getWithMetadata("hit")).rejects.toEqual(error);
    await expect(kv.get(["before", "hit"])).rejects.toEqual(error);
    expect(await kv.get(["before", "later"])).toEqual(
      new Map([
        ["before", "intact"],
        ["later", "intact"],
      ]),
    );
  });

  test("is listed by its name, and an error where its value is asked for", async () => {
    expect((await kv.list({ versions: true })).keys).toEqual([
      { name: "before", version: expect.any(Number) },
      { name: "hit", damaged: true },
      { name: "large", metadata: "of large", version: expect.any(Number) },
      { name: "later", version: expect.any(Number) },
    ]);
    await expect(kv.list({ values: true })).rejects.toEqual(damagedError("hit"));
    expect((await kv.list({ prefix: "l", values: true })).keys).toHaveLength(2);
  });

  test("is an error for every write that depends on it, which changes nothing", async () => {
    const error = damagedError("hit");
    await expect(kv.increment("hit")).rejects.toEqual(error);
    await expect(kv.touch("hit", {})).rejects.toEqual(error);
    await expect(kv.put("hit", "x", { ifAbsent: true })).rejects.toEqual(error);
    await expect(kv.put("hit", "x", { ifVersion: 2 })).rejects.toEqual(error);
    await expect(kv.delete("hit", { ifVersion: 2 })).rejects.toEqual(error);
    await expect(kv.atomic().check("hit", 2).put("before", "x").commit()).rejects.toEqual(error);
    await expect(kv.atomic().put("before", "x").increment("hit").commit()).rejects.toEqual(error);
    expect(await kv.get("before")).toBe("intact");
    expect(problemsIn(store)).toEqual([
      expect.stringMatching(/^The entry "hit" of namespace [0-9a-f]{32} is damaged/),
    ]);
  });

  test.each<[string, (kv: KVNamespace) => Promise<unknown>, string | null]>([
    ["a write", (kv) => kv.put("hit", "again"), "again"],
    ["a delete", (kv) => kv.delete("hit"), null],
    ["deletion by prefix", (kv) => kv.deletePrefix("hi"), null],
    ["atomic()", (kv) => kv.atomic().put("hit", "again").commit(), "again"],
  ])("is mended by %s, and what was in the index of it does no harm", async (_, mend, value) => {
    await mend(kv);
    expect(await kv.get("hit")).toBe(value);
    expect((await kv.list()).keys.filter(({ damaged }) => damaged)).toEqual([]);
    const { store, clock, database } = opened();
    clock.advance(2 * HOUR_SECONDS * 1000);
    await store.maintenance.sweep();
    expect(await database.namespace("kept").get("hit"), "not swept at its former time").toBe(value);
    expect(problemsIn(store)).toEqual([]);
  });
});

test("a key that has changed on disk is not taken for another one", async () => {
  // The key in LMDB followed by the flags of its entry (metadata). No other bytes match this.
  flipAt(file, "hit\u0002", 2);
  const { kv, store } = opened();
  const [damaged] = (await kv.list()).keys.filter((key) => key.damaged);
  expect(damaged).toEqual({ name: "hiu", damaged: true });
  await expect(kv.get("hiu")).rejects.toEqual(damagedError("hiu"));
  await expect(kv.get("hit"), "and is not said to be missing").rejects.toMatchObject({
    code: "storage_corrupt",
  });
  await expect(kv.put("hit", "x", { ifAbsent: true })).rejects.toMatchObject({ code: "storage_corrupt" });
  expect(await kv.get("nowhere near")).toBeNull();
  expect(problemsIn(store)).toContainEqual(expect.stringContaining('The entry "hiu"'));
});

const NAMESPACE_DAMAGES: readonly (readonly [what: string, text: (id: string) => string, offset: number])[] =
  [
    ["record", () => '"title":"kept"', 9],
    ["row in the index of titles", (id) => `kept${id}`, 5],
    ["title in the index of titles", (id) => `kept${id}`, 0],
  ];

test.each(NAMESPACE_DAMAGES)(
  "a namespace whose %s has changed on disk is an error for it alone",
  async (what, text, offset) => {
    const before = opened();
    const id = namespaceId(before.store);
    await before.store.namespaces.create({ id: "sound", title: "sound" });
    await before.database.close();
    flipAt(file, text(id), offset);

    const { store } = opened();
    const error = expect.objectContaining({ code: "storage_corrupt" });
    expect(() => store.namespaces.find("kept")).toThrow(error);
    expect(() => store.namespaces.list({ order: "title" })).toThrow(error);
    await expect(store.namespaces.create({ id: "twin", title: "kept" })).rejects.toEqual(error);
    expect(store.namespaces.find("sound")).toMatchObject({ id: "sound" });
    expect(await store.namespaces.create({ id: "then", title: "then" })).toMatchObject({ id: "then" });
    expect(problemsIn(store)).toContainEqual(
      expect.stringMatching(/^The (record|title) .* is damaged on disk/),
    );
    if (what === "record") {
      expect(() => store.entries.get(id, "before")).toThrow(error);
      expect(() => store.namespaces.list()).toThrow(error);
    } else {
      expect(store.entries.get(id, "before")).not.toBeNull();
      await store.namespaces.rename(id, "unhurt");
      expect(store.namespaces.find("unhurt"), "renaming mends it").toMatchObject({ id });
    }
  },
);

test("a large value ends with the error before its end", async () => {
  flipAt(file, "the end", 2);
  const { kv, store } = opened();
  const reader = (await kv.get("large", "stream"))?.getReader();
  let read = 0;
  const readAll = async () => {
    for (;;) {
      const result = await reader?.read();
      if (result === undefined || result.done) return;
      read += result.value.length;
    }
  };
  await expect(readAll()).rejects.toEqual(damagedError("large"));
  expect(read).toBeLessThan(300_000);
  await expect(kv.get("large")).rejects.toEqual(damagedError("large"));
  expect((await kv.list()).keys, "the entry itself is intact").toContainEqual({
    name: "large",
    metadata: "of large",
  });
  expect(problemsIn(store)).toEqual([
    expect.stringMatching(/^Part 3 of large value \d+ is damaged/),
    expect.stringMatching(
      /^The entry "large" of namespace [0-9a-f]{32} has 262144 intact bytes of its 300007/,
    ),
  ]);
  await kv.put("large", "small");
  expect(await kv.get("large")).toBe("small");
});

test("a row of the expiry index that has changed does not remove an entry that lives", async () => {
  const { store, database } = opened();
  const id = namespaceId(store);
  await store.entries.put(id, "indexed", {
    value: Buffer.from("alive"),
    expirationMs: NOW_MS + 600_000,
    metadata: null,
    contentType: null,
  });
  await database.close();
  // Its time in 2026 becomes one in 1991.
  flipAt(file, expiryKey(NOW_MS + 600_000, 1, "indexed"), 1);
  const again = opened(new FakeClock(NOW_MS + 10_000));
  await again.store.maintenance.sweep();
  expect(await again.kv.get("indexed")).toBe("alive");
});

test("a key that has changed on disk does not hide those around it", async () => {
  const { database, kv } = opened();
  const keys = Array.from({ length: 100 }, (_, index) => `many:${index + 100}`);
  for (const key of keys) await kv.put(key, "value");
  await database.close();
  // In the middle of its page, and now out of order: searches compare with it first.
  flipAt(file, "many:150\u0000", 0, 0x10);
  const again = opened();
  const outcomes = await Promise.allSettled(keys.map((key) => again.kv.get(key)));
  for (const outcome of outcomes) {
    if (outcome.status === "fulfilled") expect(outcome.value).toBe("value");
    else expect(outcome.reason).toMatchObject({ code: "storage_corrupt" });
  }
  const lists: { prefix?: string; limit?: number; reverse?: boolean }[] = [
    ...[{}, { reverse: true }, { limit: 1 }, { limit: 7 }, { limit: 7, reverse: true }],
    ...[{ prefix: "many:" }, { prefix: "many:15" }, { prefix: "many:", reverse: true }],
  ];
  for (const options of lists) {
    const missing = (names: readonly string[]) =>
      keys.filter(
        (key) => key !== "many:150" && key.startsWith(options.prefix ?? "") && !names.includes(key),
      );
    const outcome = await namesOf(again.kv, options).then(missing, ({ code }: KvError) => code);
    expect(["storage_corrupt", []], JSON.stringify(options)).toContainEqual(outcome);
  }
  await expect(again.kv.count({ prefix: "many:" })).rejects.toMatchObject({ code: "storage_corrupt" });
});

async function namesOf(kv: KVNamespace, options: object): Promise<string[]> {
  const names: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await kv.list({ ...options, cursor });
    names.push(...page.keys.map(({ name }) => name));
    if (page.list_complete) return names;
    cursor = page.cursor;
  }
}

test("every HTTP dialect tells of a damaged entry in its own shape, and serves the others", async () => {
  const { database, store } = opened();
  const id = namespaceId(store);
  await database.close();
  flipAt(file, "the value", 4);
  flipAt(file, "the end", 2);
  const server = serve(directory);
  onTestFinished(() => server.kill());
  const api = await server.ready();
  const answer = async (path: string) => {
    const response = await api.fetch(path);
    return { status: response.status, body: (await response.json()) as unknown };
  };
  const cloudflare = `/client/v4/accounts/${"0".repeat(32)}/storage/kv/namespaces/${id}`;
  const message = expect.stringContaining('The entry "hit" of namespace');
  const hint = expect.stringContaining("Write the key again");

  expect(await answer(`/binding/${id}/hit`)).toEqual({
    status: 500,
    body: { error: { code: "storage_corrupt", message, hint } },
  });
  expect(await answer(`${cloudflare}/values/hit`)).toMatchObject({
    status: 500,
    body: { success: false, errors: [{ code: 10500, message }] },
  });
  expect(await answer(`/v2/storage/kvs/${id}/keys/hit`)).toMatchObject({
    status: 500,
    body: { errors: [{ detail: message }] },
  });
  for (const path of [
    `/binding/${id}/before`,
    `${cloudflare}/values/before`,
    `/v2/storage/kvs/${id}/keys/before`,
  ]) {
    expect(await (await api.fetch(path)).text()).toBe("intact");
  }
  expect((await answer(`/binding/${id}/?prefix=`)).body).toMatchObject({
    keys: [{ name: "before" }, { name: "hit", damaged: true }, { name: "large" }, { name: "later" }],
  });
  expect((await answer(`${cloudflare}/keys`)).body).toMatchObject({
    result: [{ name: "before" }, { name: "hit", damaged: true }, { name: "large" }, { name: "later" }],
  });
  expect((await answer(`/v2/storage/kvs/${id}/keys`)).body).toMatchObject({
    data: [{ key: "before" }, { key: "hit", damaged: true }, { key: "large" }, { key: "later" }],
  });
  for (const path of [
    `/binding/${id}/large`,
    `${cloudflare}/values/large`,
    `/v2/storage/kvs/${id}/keys/large`,
  ]) {
    const whole = api.fetch(path).then(async (response) => {
      const bytes = await response.arrayBuffer();
      if (response.ok) return bytes.byteLength;
      throw new Error(`${response.status}`);
    });
    await expect(whole, path).rejects.toThrow();
  }
  expect((await api.fetch("/healthz")).status).toBe(200);
});
