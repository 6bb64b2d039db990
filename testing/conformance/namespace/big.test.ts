import { connect, type KVNamespace } from "@kvasir/client";
import { FakeClock, Namespace, WORKERS_RULES } from "@kvasir/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openServer, type TestServer } from "../../harness/api.js";

// Built once, in one store, and read in both ways: embedded and over HTTP.
const KEYS = 1_000_000;
const EXPIRED = 100_000;
const BATCH = 20_000;

const clock = new FakeClock();
let api: TestServer;
const million: Record<string, KVNamespace> = {};
const expired: Record<string, KVNamespace> = {};

beforeAll(async () => {
  api = await openServer({ clock, durability: "relaxed" });
  await fill("million", KEYS, (at) => ({ key: keyOf(at), value: "" }));
  await fill("expired", EXPIRED, (at) => ({ key: keyOf(at), value: "", expirationTtl: 60 }));
  await fill("expired", 1, () => ({ key: "live", value: "value" }));
  clock.advance(60_000);
  for (const [name, namespaces] of Object.entries({ million, expired })) {
    namespaces["embedded"] = api.database.namespaceById(name);
    namespaces["over HTTP"] = connect({ url: api.url, namespace: name });
  }
}, 120_000);
afterAll(() => api.stop());

describe.each(["embedded", "over HTTP"])("%s", (way) => {
  test("a million keys: pages put together are the list, in order, each key once", async () => {
    const kv = million[way] as KVNamespace;
    let cursor: string | undefined;
    let at = 0;
    do {
      const page = await kv.list({ cursor: cursor ?? null });
      for (const { name } of page.keys) {
        if (name !== keyOf(at++)) expect(name).toBe(keyOf(at - 1));
      }
      cursor = page.list_complete ? undefined : page.cursor;
    } while (cursor !== undefined);
    expect(at).toBe(KEYS);
  });

  test("a million keys: a page in the middle, from both ends, and the count", async () => {
    const kv = million[way] as KVNamespace;
    const middle = await kv.list({ prefix: keyOf(500_000).slice(0, -3), limit: 1000 });
    expect(middle.keys.map(({ name }) => name)).toEqual(
      Array.from({ length: 1000 }, (_, at) => keyOf(500_000 + at)),
    );
    expect(middle.list_complete).toBe(true);
    const last = await kv.list({ reverse: true, limit: 2 });
    expect(last.keys.map(({ name }) => name)).toEqual([keyOf(KEYS - 1), keyOf(KEYS - 2)]);
    expect(await kv.count()).toBe(KEYS);
    expect(await kv.get(keyOf(777_777))).toBe("");
  });

  test("100,000 expired entries before the first live one: pages may be empty, and lead there", async () => {
    const kv = expired[way] as KVNamespace;
    const found: string[] = [];
    let pages = 0;
    let cursor: string | undefined;
    do {
      const page = await kv.list({ limit: 10, cursor: cursor ?? null });
      found.push(...page.keys.map(({ name }) => name));
      cursor = page.list_complete ? undefined : page.cursor;
      pages++;
    } while (cursor !== undefined);
    expect(found).toEqual(["live"]);
    // The work for one page is bounded, but a page covers more than one key.
    expect(pages).toBeLessThanOrEqual(100);
    expect(await kv.count()).toBe(1);
    expect(await kv.get(keyOf(5))).toBeNull();
  });
});

function keyOf(at: number): string {
  return `key-${String(at).padStart(7, "0")}`;
}

async function fill(
  id: string,
  count: number,
  item: (at: number) => { key: string; value: string; expirationTtl?: number },
): Promise<void> {
  await api.database.catalog.ensure(id, id);
  const namespace = new Namespace(api.database.store, id, { clock, rules: WORKERS_RULES });
  for (let at = 0; at < count; at += BATCH) {
    await namespace.writeMany(Array.from({ length: Math.min(BATCH, count - at) }, (_, n) => item(at + n)));
  }
}
