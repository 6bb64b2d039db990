import type { KVNamespace } from "@kvasir/client/namespace";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Database } from "../../database.js";
import { open } from "../../open.js";
import { FakeClock } from "../../store/clock.js";

interface Opened {
  readonly kv: KVNamespace;
  readonly clock: FakeClock;
  readonly database: Database;
}

function openEdge(seed = 1): Opened {
  const clock = new FakeClock();
  const database = open(":memory:", { clock, consistency: "edge", seed });
  onTestFinished(() => database.close());
  return { kv: database.namespace("test"), clock, database };
}

const rateLimited = { code: "rate_limited", message: "KV PUT failed: 429 Too Many Requests" };

/** For each key, the seconds after the first read at which the new value shows. */
async function delays({ kv, clock }: Opened, keys: readonly string[], cacheTtl?: number): Promise<number[]> {
  const options = cacheTtl === undefined ? {} : { cacheTtl };
  for (const key of keys) await kv.put(key, "old");
  for (const key of keys) await kv.get(key, options);
  clock.advance(1000);
  for (const key of keys) await kv.put(key, "new");
  const seen = new Map<string, number>();
  for (let seconds = 1; seen.size < keys.length; seconds++) {
    for (const key of keys)
      if ((await kv.get(key, options)) === "new" && !seen.has(key)) seen.set(key, seconds);
    clock.advance(1000);
  }
  return keys.map((key) => seen.get(key) as number);
}

const KEYS = Array.from({ length: 40 }, (_, index) => `key${index}`);

describe("reads", () => {
  it("are up to a minute old, each key in its own time", async () => {
    const seconds = await delays(openEdge(), KEYS);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(60);
    expect(Math.max(...seconds)).toBeGreaterThan(45);
    expect(Math.min(...seconds)).toBeLessThan(15);
  });

  it("are as old as the read allows", async () => {
    const seconds = await delays(openEdge(), KEYS, 600);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(600);
    expect(Math.max(...seconds)).toBeGreaterThan(450);
  });

  it("have the same age with the same seed, whatever else is asked in between", async () => {
    const first = await delays(openEdge(7), KEYS);
    expect(await delays(openEdge(7), KEYS)).toEqual(first);
    expect(await delays(openEdge(7), KEYS.slice(20))).toEqual(first.slice(20));
    expect(await delays(openEdge(8), KEYS)).not.toEqual(first);
  });

  it("find nothing for a while where they found nothing", async () => {
    const { kv, clock } = openEdge();
    expect(await kv.get("key")).toBeNull();
    await kv.put("key", "value");
    expect(await kv.get("key")).toBeNull();
    expect(await kv.get(["key"])).toEqual(new Map([["key", null]]));
    clock.advance(60_000);
    expect(await kv.get("key")).toBe("value");
  });

  it("see at once what nobody has asked for before", async () => {
    const { kv } = openEdge();
    await kv.put("key", "value");
    expect(await kv.get("key")).toBe("value");
  });

  it("never answer what has expired", async () => {
    const { kv, clock } = openEdge();
    await kv.put("key", "value", { expirationTtl: 60 });
    expect(await kv.get("key", { cacheTtl: 3600 })).toBe("value");
    clock.advance(59_999);
    expect(await kv.get("key", { cacheTtl: 3600 })).toBe("value");
    clock.advance(1);
    expect(await kv.get("key", { cacheTtl: 3600 })).toBeNull();
  });

  it("have bytes of their own", async () => {
    const { kv } = openEdge();
    await kv.put("key", "value");
    for (let time = 0; time < 3; time++) {
      const bytes = new Uint8Array((await kv.get("key", "arrayBuffer")) as ArrayBuffer);
      expect(Buffer.from(bytes).toString()).toBe("value");
      bytes.fill(0);
    }
  });

  it("of large values answer the old one whole", async () => {
    const { kv, clock } = openEdge();
    const [old, young] = ["a", "b"].map((letter) => letter.repeat(300_000));
    await kv.put("key", old as string);
    expect(await kv.get("key")).toBe(old);
    clock.advance(1000);
    await kv.put("key", young as string);
    expect(await kv.get("key")).toBe(old);
    clock.advance(60_000);
    expect(await kv.get("key")).toBe(young);
  });

  it("of a namespace that was deleted find it gone", async () => {
    const { database } = openEdge();
    const { id } = await database.catalog.create("short-lived");
    const kv = database.namespaceById(id);
    await kv.put("key", "value");
    await kv.get("key");
    await database.catalog.delete(id);
    await expect(kv.get("key")).rejects.toMatchObject({ code: "namespace_not_found" });
  });
});

describe("lists", () => {
  const names = async (kv: KVNamespace) => (await kv.list()).keys.map(({ name }) => name);

  it("show a new key within a minute, and a deleted one for as long", async () => {
    const { kv, clock } = openEdge();
    for (const key of KEYS) await kv.put(key, "value");
    const early = await names(kv);
    expect(early.length).toBeLessThan(KEYS.length);
    clock.advance(60_000);
    expect(await names(kv)).toEqual([...KEYS].sort());
    await kv.delete("key0");
    expect(await names(kv)).toContain("key0");
    clock.advance(60_000);
    expect(await names(kv)).not.toContain("key0");
  });

  it("never show what has expired", async () => {
    const { kv, clock } = openEdge();
    await kv.put("key", "value", { expirationTtl: 120 });
    clock.advance(60_000);
    expect(await names(kv)).toEqual(["key"]);
    clock.advance(60_000);
    expect(await names(kv)).toEqual([]);
  });
});

describe("writes", () => {
  it("of one key more than once a second are refused, in Workers KV's words, and change nothing", async () => {
    const { kv, clock } = openEdge();
    await kv.put("key", "first");
    await expect(kv.put("key", "second")).rejects.toMatchObject(rateLimited);
    await expect(kv.delete("key")).rejects.toMatchObject({
      message: "KV DELETE failed: 429 Too Many Requests",
    });
    await kv.put("another", "value");
    clock.advance(999);
    await expect(kv.put("key", "second")).rejects.toMatchObject(rateLimited);
    clock.advance(1);
    await kv.put("key", "second");
    clock.advance(60_000);
    expect(await kv.get("key")).toBe("second");
  });

  it("at the same time are one too many", async () => {
    const { kv } = openEdge();
    const outcomes = await Promise.allSettled([kv.put("key", "1"), kv.put("key", "2"), kv.put("key", "3")]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
  });

  it("of many keys are refused together", async () => {
    const { database } = openEdge();
    const { store } = database;
    const { id } = await database.catalog.create("bulk");
    const put = (key: string) =>
      ({
        type: "put",
        key,
        value: Buffer.from("v"),
        expirationMs: null,
        metadata: null,
        contentType: null,
      }) as const;
    await store.entries.writeMany(id, [put("a"), put("a")]);
    await expect(store.entries.writeMany(id, [put("b"), put("a")])).rejects.toMatchObject({
      code: "rate_limited",
    });
    expect(await store.entries.count(id, {})).toBe(1);
  });
});

describe("what a hosted service does not have", () => {
  it("acts on what is stored: conditions, counters, several changes at once, counts", async () => {
    const { kv } = openEdge();
    const sums = await Promise.all(Array.from({ length: 50 }, () => kv.increment("n")));
    expect(sums.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    expect(await kv.get("key")).toBeNull();
    const { version } = await kv.put("key", "1", { ifAbsent: true });
    expect(await kv.put("key", "2", { ifAbsent: true })).toEqual({ ok: false, version });
    expect(await kv.put("key", "2", { ifVersion: version as number })).toMatchObject({ ok: true });
    expect(await kv.atomic().put("a", "1").put("a", "2").put("b", "1").commit()).toMatchObject({ ok: true });
    expect(await kv.count()).toBe(4);
  });

  it("lets a loop of reading and writing on a condition end", async () => {
    const { kv } = openEdge();
    await kv.put("key", "0");
    const addOne = async () => {
      for (let attempt = 1; ; attempt++) {
        const { value, version } = await kv.getWithMetadata("key", { version: true });
        const ifVersion = version as number;
        if ((await kv.put("key", String(Number(value) + 1), { ifVersion })).ok) return attempt;
      }
    };
    const attempts = [await addOne(), await addOne(), await addOne()];
    expect(attempts).toEqual([1, 2, 2]);
  });

  it("deletes all under a prefix, also what is not listed yet", async () => {
    const { kv } = openEdge();
    for (const key of KEYS) await kv.put(key, "value");
    expect(await kv.deletePrefix("key")).toBe(KEYS.length);
    expect(await kv.count()).toBe(0);
  });
});
