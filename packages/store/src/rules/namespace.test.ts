import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openLmdbStore } from "../engines/lmdb/lmdb-store.js";
import { FakeClock } from "../store/clock.js";
import type { Store } from "../store/store.js";
import { Catalog } from "./catalog.js";
import { bytesOf } from "./entry-value.js";
import { Namespace, WORKERS_RULES } from "./namespace.js";

// What dialects use beyond the public object, which testing/namespace covers.
const clock = new FakeClock();
let store: Store;
let namespace: Namespace;

beforeAll(() => {
  store = openLmdbStore(":memory:", { clock });
});
beforeEach(async () => {
  const { id } = await new Catalog(store.namespaces).create(crypto.randomUUID());
  namespace = new Namespace(store, id, { clock, rules: WORKERS_RULES });
});
afterAll(() => store.close());

const refused = (code: string) => expect.objectContaining({ code });
const names = async () => (await namespace.page()).keys.map(({ name }) => name);

describe("writeMany", () => {
  test("writes all, a later item over an earlier one", async () => {
    await namespace.writeMany([
      { key: "a", value: "1", metadata: '{"m":1}', expirationTtl: 60 },
      { key: "b", value: new Uint8Array([1, 2]) },
      { key: "a", value: "2" },
    ]);
    expect(await names()).toEqual(["a", "b"]);
    expect(await namespace.read("a")).toMatchObject({ value: Buffer.of(50), metadata: null });
  });

  test.each([
    [{ key: "" }, "key_invalid"],
    [{ key: "x".repeat(513) }, "key_too_long"],
    [{ expirationTtl: 59 }, "expiration_invalid"],
    [{ metadata: "{" }, "metadata_invalid"],
    [{ value: new Uint8Array(26_214_401) }, "value_too_large"],
  ])("writes nothing when one is bad", async (bad, code) => {
    const items = [
      { key: "a", value: "1" },
      { key: "b", value: "2", ...bad },
    ];
    await expect(namespace.writeMany(items)).rejects.toEqual(refused(code));
    expect(await names()).toEqual([]);
  });
});

describe("deleteMany", () => {
  test("deletes what is there, and nothing when a key is bad", async () => {
    await namespace.writeMany(["a", "b", "c"].map((key) => ({ key, value: "" })));
    await expect(namespace.deleteMany(["a", "."])).rejects.toEqual(refused("key_invalid"));
    expect(await names()).toEqual(["a", "b", "c"]);
    await namespace.deleteMany(["a", "never", "c"]);
    expect(await names()).toEqual(["b"]);
  });
});

describe("rules", () => {
  test("the shortest time to live is the dialect's", async () => {
    const short = new Namespace(store, namespace.id, { clock, rules: { ttlSecondsMin: 1 } });
    await short.put("key", "value", { expirationTtl: 1 });
    await expect(short.put("key", "value", { expirationTtl: 0 })).rejects.toEqual(
      refused("expiration_invalid"),
    );
    await expect(namespace.put("key", "value", { expirationTtl: 59 })).rejects.toThrow(
      "Invalid expiration_ttl of 59. Expiration TTL must be at least 60.",
    );
  });
});

describe("touch", () => {
  test("only at the version that is asked for", async () => {
    const { version } = await namespace.put("key", "value");
    const other = (version ?? 0) + 1000;
    expect(await namespace.touch("key", { expirationTtl: 60, ifVersion: other })).toMatchObject({
      ok: false,
      version,
    });
    expect(await namespace.touch("key", { expirationTtl: 60, ifVersion: version ?? 0 })).toMatchObject({
      ok: true,
    });
  });
});

describe("list", () => {
  test.each([0, -1, 1.5, Number.NaN])("refuses the limit %o", (limit) => {
    expect(() => namespace.page({ limit })).toThrow(
      `Invalid key_count_limit of ${limit}. Please specify an integer greater than 0.`,
    );
  });

  test("says of each entry what dialects show", async () => {
    await namespace.put("key", "välue", {
      expirationTtl: 60,
      metadata: '{ "m": 1 }',
      contentType: "text/x",
    });
    const [entry] = (await namespace.page({ values: true })).keys;
    expect(entry).toMatchObject({
      name: "key",
      expiration: Math.floor(clock.nowMs() / 1000) + 60,
      metadata: '{"m":1}',
      valueBytes: 6,
      modifiedMs: clock.nowMs(),
    });
    expect(entry?.value).toEqual(Buffer.from("välue"));
    expect((await namespace.read("key"))?.contentType).toBe("text/x");
  });

  test("a page of values leaves large ones to be read, and ends before it passes 25 MiB", async () => {
    const value = Buffer.alloc(10_000_000, 1);
    for (const key of ["a", "b", "c"]) await namespace.put(key, value);
    const first = await namespace.page({ values: true });
    expect(first.keys.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(value.equals(await bytesOf(first.keys[1]?.value ?? Buffer.of()))).toBe(true);
    const second = await namespace.page({ values: true, cursor: first.cursor ?? "" });
    expect(second.keys.map(({ name }) => name)).toEqual(["c"]);
    expect(second.cursor).toBeNull();
  });
});

describe("watch", () => {
  test.each(["", "-1", "5", "NaN"])("refuses to resume after %o", (since) => {
    expect(() => namespace.watch({ since })).toThrow(`Invalid position "${since}"`);
  });
});
