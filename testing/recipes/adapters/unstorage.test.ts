import { kvasirDriver } from "@kvasir/client/adapters/unstorage";
import { open } from "@kvasir/store";
import { createStorage, prefixStorage, restoreSnapshot, snapshot } from "unstorage";
import { afterEach, beforeEach, expect, test } from "vitest";

let database: ReturnType<typeof open>;
beforeEach(() => {
  database = open(":memory:");
});
afterEach(() => database.close());

/** The cases of unstorage's own suite for drivers: https://github.com/unjs/unstorage/blob/main/test/drivers/utils.ts */
test.each(["", "app"])("is a driver of unstorage, with the base %j", async (base) => {
  const kv = database.namespace("items");
  await kv.put("other", "x");
  const storage = createStorage({ driver: kvasirDriver({ binding: kv, base: base === "" ? "own" : base }) });
  await storage.setItem("s1:a", "test_data");
  await storage.setItem("s2:a", { json: "works" });
  await storage.setItem("s3:a", "test_data");
  expect(await storage.hasItem("s1:a")).toBe(true);
  expect(await storage.hasItem("s1")).toBe(false);
  expect(await storage.getItem("s1:a")).toBe("test_data");
  expect(await storage.getItem("s2:a")).toEqual({ json: "works" });
  expect((await storage.getKeys()).sort()).toEqual(["s1:a", "s2:a", "s3:a"]);
  expect(await storage.getKeys("s1")).toEqual(["s1:a"]);
  await storage.setItems([
    { key: "t:1", value: "1" },
    { key: "t:2", value: "two" },
  ]);
  expect(await storage.getItems([{ key: "t:1" }, { key: "t:none" }, { key: "t:2" }])).toEqual([
    { key: "t:1", value: 1 },
    { key: "t:none", value: null },
    { key: "t:2", value: "two" },
  ]);
  const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
  await storage.setItemRaw("raw", bytes);
  expect(await storage.getItemRaw("raw")).toEqual(bytes);
  await storage.removeItem("s1:a");
  expect(await storage.getItem("s1:a")).toBeNull();
  const saved = await snapshot(storage, "s2");
  await storage.clear();
  expect(await storage.getKeys()).toEqual([]);
  await restoreSnapshot(storage, saved, "s2");
  expect(await prefixStorage(storage, "s2").getItem("a")).toEqual({ json: "works" });
  await storage.clear();
  expect(await storage.getKeys()).toEqual([]);
  expect(await kv.get("other")).toBe("x");
  await storage.dispose();
});

test("items end when told, and changes are told", async () => {
  const kv = database.namespace("items");
  const storage = createStorage({ driver: kvasirDriver({ binding: kv, base: "app", ttl: 600 }) });
  const changes: string[] = [];
  const unwatch = await storage.watch((event, key) => void changes.push(`${event} ${key}`));
  await storage.setItem("a", "1");
  await storage.setItem("b", "1", { ttl: 60 });
  await storage.removeItem("a");
  await expect.poll(() => changes).toEqual(["update a", "update b", "remove a"]);
  await unwatch();
  const [left] = (await kv.list()).keys;
  expect((left?.expiration ?? 0) - Date.now() / 1000).toBeLessThan(120);
});
