import { cachified, totalTtl } from "@epic-web/cachified";
import { cachifiedCache } from "@kvasir/client/adapters/cachified";
import { open } from "@kvasir/store";
import { expect, test } from "vitest";

test("is a cache of cachified: values, lifetimes, keys of every kind", async () => {
  const database = open(":memory:");
  const kv = database.namespace("cache");
  const cache = cachifiedCache(kv);
  let computed = 0;
  const load = (key: string, ttl?: number) =>
    cachified({
      cache,
      key,
      ...(ttl !== undefined && { ttl, swr: 60_000 }),
      getFreshValue: () => ++computed,
    });
  for (const key of ["a", "", "k".repeat(600), "\ud800"]) {
    const before = computed;
    expect([await load(key), await load(key)]).toEqual([before + 1, before + 1]);
  }
  const entry = await cache.get("a");
  expect(entry?.value).toBe(1);
  expect(totalTtl(entry?.metadata)).toBe(Number.POSITIVE_INFINITY);
  expect((await kv.list()).keys[0]?.expiration).toBeUndefined();
  await load("short", 120_000);
  const [stored] = (await kv.list({ prefix: "cachified:short" })).keys;
  const leftSeconds = (stored?.expiration ?? 0) - Date.now() / 1000;
  expect(Math.abs(leftSeconds - 180)).toBeLessThan(30);
  await cache.delete("a");
  expect(await cache.get("a")).toBeNull();
  await kv.put("cachified:broken", "no JSON");
  expect(await cache.get("broken")).toBeNull();
  await database.close();
});

test("while the store is away, cachified computes", async () => {
  const database = open(":memory:");
  const cache = cachifiedCache(database.namespace("cache"));
  await database.close();
  expect(await cachified({ cache, key: "a", getFreshValue: () => 1 })).toBe(1);
});
