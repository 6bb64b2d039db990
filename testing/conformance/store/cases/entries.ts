import { describe, expect, test } from "vitest";
import {
  bytesOf,
  input,
  NAMESPACE,
  patternBytes,
  type StoreUnderTest,
  testWhen,
  useStore,
} from "../store-case.js";

export function entryCases(under: StoreUnderTest): void {
  describe("entries", () => {
    const opened = useStore(under);
    const whenStrong = testWhen(under, "strong");

    test("a key that was never put is not there", async () => {
      const { store } = opened();
      expect(await store.entries.get(NAMESPACE, "missing")).toBeNull();
    });

    test("a put entry comes back whole", async () => {
      const { store, clock } = opened();
      const expirationMs = clock.nowMs() + 60_000;
      const outcome = await store.entries.put(
        NAMESPACE,
        "key",
        input("value", { expirationMs, metadata: '{"a":1}', contentType: "text/plain" }),
      );
      expect(outcome).toMatchObject({ ok: true, existed: false });
      const entry = await store.entries.get(NAMESPACE, "key");
      expect(entry).toMatchObject({
        version: outcome.version,
        expirationMs,
        metadata: '{"a":1}',
        contentType: "text/plain",
      });
      expect(await bytesOf(entry?.value ?? Buffer.of())).toEqual(Buffer.from("value"));
    });

    test.each([
      ["metadata without a content type", { metadata: '"é"' }],
      ["a content type without metadata", { contentType: "image/png" }],
      ["neither", {}],
    ])("%s is kept apart from the value", async (_, options) => {
      const { store } = opened();
      await store.entries.put(NAMESPACE, "key", input("value", options));
      const entry = await store.entries.get(NAMESPACE, "key");
      expect(entry).toMatchObject({ metadata: null, contentType: null, ...options });
      expect(await bytesOf(entry?.value ?? Buffer.of())).toEqual(Buffer.from("value"));
    });

    test.each([0, 1, 1023, 1024, 1025, 131_071, 131_072, 131_073, 3_000_000])(
      "a value of %i bytes comes back byte for byte",
      async (length) => {
        const { store } = opened();
        const value = patternBytes(length);
        await store.entries.put(NAMESPACE, "key", input(value));
        const entry = await store.entries.get(NAMESPACE, "key");
        expect(entry?.value.byteLength).toBe(length);
        expect((await bytesOf(entry?.value ?? Buffer.of())).equals(value)).toBe(true);
      },
    );

    whenStrong("what was read stays as it was, whatever is read or written later [strong]", async () => {
      const { store } = opened();
      await store.entries.put(NAMESPACE, "a", input("first"));
      await store.entries.put(NAMESPACE, "b", input("other"));
      const entry = await store.entries.get(NAMESPACE, "a");
      await store.entries.put(NAMESPACE, "a", input("later"));
      await store.entries.get(NAMESPACE, "b");
      expect(await bytesOf(entry?.value ?? Buffer.of())).toEqual(Buffer.from("first"));
    });

    test.each(["é", "日本", "👋🏽", "a/b?c#d", " ", "\0", "k".repeat(512), "é".repeat(256)])(
      "the key %j is a key",
      async (key) => {
        const { store, put, text, settle } = opened();
        await put(key, "here");
        expect(await text(key)).toBe("here");
        await settle();
        const page = await store.entries.list(NAMESPACE, { limit: 10 });
        expect(page.entries.map((entry) => entry.key)).toEqual([key]);
      },
    );

    whenStrong("a second put replaces everything and says that the entry existed [strong]", async () => {
      const { store, clock, put } = opened();
      await put("key", "old", { metadata: "1", contentType: "a/b", expirationMs: clock.nowMs() + 60_000 });
      const outcome = await store.entries.put(NAMESPACE, "key", input("new"));
      expect(outcome).toMatchObject({ ok: true, existed: true });
      expect(await store.entries.get(NAMESPACE, "key")).toMatchObject({
        metadata: null,
        contentType: null,
        expirationMs: null,
      });
    });

    whenStrong("versions grow across puts, deletion and re-creation [strong]", async () => {
      const { store, put } = opened();
      const first = await put("key", "1");
      const second = await put("key", "2");
      await store.entries.delete(NAMESPACE, "key");
      const third = await put("key", "3");
      expect(second).toBeGreaterThan(first);
      expect(third).toBeGreaterThan(second);
    });

    whenStrong("delete says whether there was an entry [strong]", async () => {
      const { store, put, text } = opened();
      await put("key", "value");
      const gone = { ok: true, version: null };
      expect(await store.entries.delete(NAMESPACE, "key")).toEqual({ ...gone, existed: true });
      expect(await store.entries.delete(NAMESPACE, "key")).toEqual({ ...gone, existed: false });
      expect(await text("key")).toBeNull();
    });

    test("getMany answers in the order of the keys, with null for what is missing", async () => {
      const { store, put } = opened();
      const a = await put("a", "1");
      const b = await put("b", "2");
      const entries = await store.entries.getMany(NAMESPACE, ["b", "missing", "a", "b"]);
      expect(entries.map((entry) => entry?.version ?? null)).toEqual([b, null, a, b]);
    });

    whenStrong(
      "writes submitted together are all there, in the order in which they were submitted [strong]",
      async () => {
        const { store, text } = opened();
        await Promise.all(
          Array.from({ length: 500 }, (_, index) =>
            store.entries.put(NAMESPACE, `key${index % 7}`, input(`${index}`)),
          ),
        );
        // 493 = 7 * 70 + 3 is the last number below 500 for this key.
        expect(await text("key3")).toBe("493");
      },
    );
  });
}
