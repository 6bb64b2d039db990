import { ConfigError, kv, type TypedKV, ValidationError } from "@kvasir/client";
import { type Database, FakeClock, type KVNamespace, open } from "@kvasir/store";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { plainBinding } from "../../harness/bindings.js";
import { collect } from "./collect.js";

/** What Kvasir adds to Workers KV, through the typed client. */

const clock = new FakeClock();
let database: Database;
let namespace: KVNamespace;
let store: TypedKV<number>;

beforeEach(() => {
  database = open(":memory:", { clock });
  namespace = database.namespace("extensions");
  store = kv<number>(namespace, { prefix: "n:", defaultTtl: 600 });
});
afterEach(() => database.close());

test("put if absent, put and delete if unchanged, say whether they held", async () => {
  const first = await store.put("a", 1, { ifAbsent: true });
  expect(first).toEqual({ ok: true, version: expect.any(Number) });
  expect(await store.put("a", 2, { ifAbsent: true })).toMatchObject({ ok: false });
  const { value, version } = await store.getWithMetadata("a", { version: true });
  expect([value, version]).toEqual([1, first.version]);

  const second = await store.put("a", 3, { ifVersion: version ?? 0 });
  expect(second.ok).toBe(true);
  expect(await store.delete("a", { ifVersion: version ?? 0 })).toMatchObject({ ok: false });
  expect(await store.delete("a", { ifVersion: second.version ?? 0 })).toMatchObject({ ok: true });
  expect(await store.getWithMetadata("a", { version: true })).toMatchObject({ value: null, version: null });
});

test("a counter counts, reads as a number whatever the serializer, and expires as a put would", async () => {
  const texts = kv<number>(namespace, { prefix: "n:", serializer: "text" });
  expect(await store.increment("hits")).toBe(1);
  expect(await store.increment("hits", 5)).toBe(6);
  expect(await store.get("hits")).toBe(6);
  expect(await texts.get("hits")).toBe(6);
  clock.advance(600_000);
  expect(await store.get("hits")).toBeNull();
  await expect(store.increment("hits", 1, { ttl: 5 })).rejects.toThrow(ValidationError);
});

test("touch renews an expiry with the value untouched", async () => {
  await store.put("a", 1);
  clock.advance(500_000);
  expect(await store.touch("a")).toMatchObject({ ok: true });
  clock.advance(500_000);
  expect(await store.get("a")).toBe(1);
  await store.touch("a", { ttl: 60 });
  clock.advance(60_000);
  expect(await store.get("a")).toBeNull();
});

test("count and deletePrefix keep to the client's prefix", async () => {
  await namespace.put("other", "1");
  await store.putMany(["a:1", "a:2", "b:1"].map((key, value) => ({ key, value })));
  expect(await store.count()).toBe(3);
  expect(await store.count({ prefix: "a:" })).toBe(2);
  expect(await store.deletePrefix("a:", { dryRun: true })).toBe(2);
  expect(await store.deletePrefix("a:")).toBe(2);
  expect(await store.deletePrefix("")).toBe(1);
  expect(await namespace.get("other")).toBe("1");
  await expect(kv(namespace).deletePrefix("")).rejects.toMatchObject({ code: "WORKKIT_INTERNAL" });
});

test("lists a range, backwards, with versions", async () => {
  await store.putMany(["a", "b", "c", "d"].map((key, value) => ({ key, value })));
  const range = { start: "b", end: "d", reverse: true, versions: true };
  expect(await collect(store.list(range))).toMatchObject([
    { key: "c", value: 2, version: expect.any(Number) },
    { key: "b", value: 1, version: expect.any(Number) },
  ]);
  expect((await collect(store.keys({ reverse: true, limit: 1 }))).map(({ key }) => key)).toEqual(["d"]);
});

test("several changes happen together or not at all", async () => {
  await store.put("from", 10);
  const { version } = await store.getWithMetadata("from", { version: true });
  const move = () =>
    store
      .atomic()
      .check("from", version)
      .put("from", 9, { metadata: { by: "move" } })
      .increment("to")
      .commit();
  expect(await move()).toMatchObject({ ok: true });
  expect(await move()).toMatchObject({ ok: false });
  expect(await store.getMany(["from", "to"])).toEqual(
    new Map([
      ["from", 9],
      ["to", 1],
    ]),
  );
  expect(await store.atomic().delete("from").delete("to").commit()).toMatchObject({ ok: true });
  expect(await store.count()).toBe(0);
});

test("what is wrong with one of several changes rejects, and none is made", async () => {
  await expect(store.atomic().put("a", 1).put("", 2).commit()).rejects.toThrow(ValidationError);
  await expect(
    store
      .atomic()
      .put("a", 1)
      .put("b", 1n as unknown as number)
      .commit(),
  ).rejects.toMatchObject({
    name: "KVSerializationError",
  });
  expect(await store.count()).toBe(0);
});

test("watch tells changes by the client's own keys", async () => {
  await store.put("before", 0);
  const since = await store.position();
  await namespace.put("other", "1");
  await store.put("a", 1);
  await store.delete("a");
  const seen: unknown[] = [];
  for await (const { type, key } of store.watch({ since })) {
    seen.push([type, key]);
    if (seen.length === 2) break;
  }
  expect(seen).toEqual([
    ["put", "a"],
    ["delete", "a"],
  ]);
});

test("watch begins with its call where the binding's does", async () => {
  await store.put("before", 0);
  const changes = store.watch();
  await store.put("a", 1);
  for await (const { key } of changes) {
    expect(key).toBe("a");
    break;
  }
});

test("a lower minimum TTL is the binding's to allow", async () => {
  const quick = open(":memory:", { clock, ttlSecondsMin: 1 });
  const short = kv<number>(quick.namespace("short"), { minTtl: 1, defaultTtl: 5 });
  await short.put("a", 1);
  clock.advance(5_000);
  expect(await short.get("a")).toBeNull();
  await quick.close();
});

describe("a plain Workers KV binding, which would ignore or misunderstand them, gets none of them:", () => {
  const OPERATIONS: [string, (plain: TypedKV<number>) => unknown][] = [
    ["put() with a condition", (plain) => plain.put("a", 2, { ifAbsent: true })],
    ["delete() with a condition", (plain) => plain.delete("a", { ifVersion: 1 })],
    ["getWithMetadata({ version: true })", (plain) => plain.getWithMetadata("a", { version: true })],
    ["increment()", (plain) => plain.increment("a")],
    ["touch()", (plain) => plain.touch("a")],
    ["count()", (plain) => plain.count()],
    ["deletePrefix()", (plain) => plain.deletePrefix("a")],
    ["position()", (plain) => plain.position()],
    ["watch()", async (plain) => collect(plain.watch())],
    ["atomic()", async (plain) => plain.atomic()],
    ["list({ versions })", (plain) => collect(plain.list({ versions: true }))],
    ["list({ reverse })", (plain) => collect(plain.keys({ reverse: true }))],
    ["list({ start })", (plain) => plain.listKeys({ start: "a" })],
    ["list({ end })", (plain) => plain.listKeys({ end: "b" })],
  ];

  test.each(OPERATIONS)("%s", async (what, operation) => {
    await store.put("a", 1);
    const plain = kv<number>(plainBinding(namespace), { prefix: "n:" });
    const refusal = (async () => operation(plain))();
    await expect(refusal).rejects.toThrow(ConfigError);
    await expect(refusal).rejects.toThrow(`${what} needs a Kvasir namespace`);
    expect(await store.get("a")).toBe(1);
  });
});
