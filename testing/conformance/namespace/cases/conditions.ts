import { refusal } from "../assert.js";
import type { NamespaceCase } from "../case.js";

/** The version of an existing entry. */
async function versionOf(
  kv: { getWithMetadata(key: string, options: { version: true }): Promise<{ version: number | null }> },
  key: string,
): Promise<number> {
  const { version } = await kv.getWithMetadata(key, { version: true });
  if (version === null) throw new Error(`${key} is missing`);
  return version;
}

export const conditionCases: readonly NamespaceCase[] = [
  {
    name: "versions: only with the option, null where there is no entry",
    async run({ kv, assert }) {
      await kv.put("key", "value");
      assert.same(Object.keys(await kv.getWithMetadata("key", {})), ["value", "metadata", "cacheStatus"]);
      const read = await kv.getWithMetadata("key", { version: true });
      assert.ok(Number.isSafeInteger(read.version), "an integer");
      assert.same(read.value, "value");
      const json = await kv.getWithMetadata<string>("missing", { type: "json", version: true });
      assert.same(json, { value: null, metadata: null, cacheStatus: json.cacheStatus, version: null });
    },
  },
  {
    name: "versions: every write raises them, across delete and expiry too",
    async run({ kv, clock, assert }) {
      const versions: number[] = [];
      const note = async () => versions.push(await versionOf(kv, "key"));
      await kv.put("key", "1");
      await note();
      await kv.put("key", "1");
      await note();
      await kv.delete("key");
      await kv.put("key", "2", { expirationTtl: 60 });
      await note();
      await clock.advance(61_000);
      await kv.put("key", "3");
      await note();
      await kv.touch("key", { expirationTtl: 60 });
      await note();
      await kv.put("key", "4");
      await kv.increment("key");
      await note();
      assert.same(
        versions,
        [...new Set(versions)].sort((a, b) => a - b),
      );
    },
  },
  {
    name: "put ifAbsent: the first wins, of many at once exactly one",
    async run({ kv, assert }) {
      const first = await kv.put("key", "first", { ifAbsent: true });
      assert.same(first, { ok: true, version: await versionOf(kv, "key") });
      const second = await kv.put("key", "second", { ifAbsent: true });
      assert.same(second, { ok: false, version: first.version });
      assert.same(await kv.get("key"), "first");
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, at) => kv.put("raced", String(at), { ifAbsent: true })),
      );
      const winners = outcomes.flatMap(({ ok }, at) => (ok ? [String(at)] : []));
      assert.same(winners.length, 1, "winners");
      assert.same(await kv.get("raced"), winners[0]);
    },
  },
  {
    name: "put ifVersion: holds at exactly that version",
    async run({ kv, assert }) {
      await kv.put("key", "1");
      const version = await versionOf(kv, "key");
      const written = await kv.put("key", "2", { ifVersion: version, metadata: "m" });
      assert.same(written.ok, true);
      assert.ok((written.version ?? 0) > version, "a newer version");
      assert.same(await kv.put("key", "3", { ifVersion: version }), { ok: false, version: written.version });
      const { value, metadata } = await kv.getWithMetadata("key");
      assert.same({ value, metadata }, { value: "2", metadata: "m" });
      assert.same(await kv.put("missing", "x", { ifVersion: version }), { ok: false, version: null });
      assert.same(await kv.get("missing"), null);
    },
  },
  {
    name: "put with a condition streams too",
    async run({ kv, assert }) {
      const stream = (byte: number) => new Blob([new Uint8Array(300_000).fill(byte)]).stream();
      assert.same((await kv.put("key", stream(1), { ifAbsent: true })).ok, true);
      assert.same((await kv.put("key", stream(2), { ifAbsent: true })).ok, false);
      assert.same(await kv.get("key", "arrayBuffer"), new Uint8Array(300_000).fill(1));
    },
  },
  {
    name: "put: both conditions, or a version that is none, are refused",
    async run({ kv, assert }) {
      await assert.rejects(() => kv.put("key", "v", { ifAbsent: true, ifVersion: 1 } as never), {
        name: "KvError",
        code: "bad_request",
      });
      for (const ifVersion of [1.5, -1, Number.NaN, "1", null, {}] as number[]) {
        const refused = { name: "KvError", code: "bad_request" };
        await assert.rejects(() => kv.put("key", "v", { ifVersion }), refused);
        await assert.rejects(() => kv.delete("key", { ifVersion }), refused);
      }
      assert.same(await kv.get("key"), null);
    },
  },
  {
    name: "delete ifVersion: holds at exactly that version",
    async run({ kv, assert }) {
      await kv.put("key", "1");
      const version = await versionOf(kv, "key");
      assert.same(await kv.delete("key", { ifVersion: version + 1 }), { ok: false, version });
      assert.same(await kv.get("key"), "1");
      assert.same(await kv.delete("key", { ifVersion: version }), { ok: true, version: null });
      assert.same(await kv.get("key"), null);
      assert.same(await kv.delete("key", { ifVersion: version }), { ok: false, version: null });
    },
  },
  {
    name: "touch: a new expiry, value and metadata as they were",
    async run({ kv, clock, assert }) {
      await kv.put("key", "value", { expirationTtl: 60, metadata: { a: 1 } });
      const before = await versionOf(kv, "key");
      const touched = await kv.touch("key", { expirationTtl: 3600 });
      assert.same(touched.ok, true);
      assert.ok((touched.version ?? 0) > before, "a newer version");
      const expiration = (await clock.nowSeconds()) + 3600;
      assert.same((await kv.list()).keys, [{ name: "key", expiration, metadata: { a: 1 } }]);
      await clock.advance(120_000);
      assert.same(await kv.get("key"), "value");
      await kv.touch("key", { expiration: expiration + 10 });
      assert.same((await kv.list()).keys, [{ name: "key", expiration: expiration + 10, metadata: { a: 1 } }]);
      await kv.touch("key");
      assert.same((await kv.list()).keys, [{ name: "key", metadata: { a: 1 } }]);
    },
  },
  {
    name: "touch: nothing to touch is not ok, a bad expiry is refused",
    async run({ kv, clock, assert }) {
      assert.same(await kv.touch("missing", { expirationTtl: 60 }), { ok: false, version: null });
      await kv.put("gone", "value", { expirationTtl: 60 });
      await clock.advance(60_000);
      assert.same((await kv.touch("gone", { expirationTtl: 60 })).ok, false);
      assert.same(await kv.get("gone"), null);
      await assert.rejects(
        () => kv.touch("missing", { expirationTtl: 59 }),
        refusal(
          "TOUCH",
          400,
          "expiration_invalid",
          "Invalid expiration_ttl of 59. Expiration TTL must be at least 60.",
        ),
      );
    },
  },
];
