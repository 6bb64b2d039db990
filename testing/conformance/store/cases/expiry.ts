import { describe, expect, test } from "vitest";
import { input, NAMESPACE, type StoreUnderTest, testWhen, useStore } from "../store-case.js";

export function expiryCases(under: StoreUnderTest): void {
  describe("expiry", () => {
    const opened = useStore(under);
    const whenStrong = testWhen(under, "strong");

    test("an entry is gone from everywhere at the millisecond at which it expires", async () => {
      const { store, clock, put, text } = opened();
      await put("key", "value", { expirationMs: clock.nowMs() + 1000 });
      clock.advance(999);
      expect(await text("key")).toBe("value");
      expect(await store.entries.count(NAMESPACE, {})).toBe(1);
      clock.advance(1);
      expect(await text("key")).toBeNull();
      expect(await store.entries.getMany(NAMESPACE, ["key"])).toEqual([null]);
      expect((await store.entries.list(NAMESPACE, { limit: 10 })).entries).toEqual([]);
      expect(await store.entries.count(NAMESPACE, {})).toBe(0);
      expect(await store.entries.delete(NAMESPACE, "key")).toMatchObject({ existed: false });
      expect(await store.entries.touch(NAMESPACE, "key", null)).toMatchObject({ ok: false, existed: false });
      expect(await store.entries.put(NAMESPACE, "key", input("new"), null)).toMatchObject({
        ok: true,
        existed: false,
      });
    });

    whenStrong("a put without expiry takes the old one away, and the reverse [strong]", async () => {
      const { store, clock, put, text } = opened();
      await put("a", "1", { expirationMs: clock.nowMs() + 1000 });
      await put("a", "2");
      await put("b", "1");
      await put("b", "2", { expirationMs: clock.nowMs() + 1000 });
      clock.advance(1000);
      expect(await text("a")).toBe("2");
      expect(await text("b")).toBeNull();
      expect(await store.entries.count(NAMESPACE, {})).toBe(1);
    });

    test("touch gives a new expiry and keeps the rest", async () => {
      const { store, clock, put, text } = opened();
      const version = await put("key", "value", { metadata: "1", expirationMs: clock.nowMs() + 1000 });
      const expirationMs = clock.nowMs() + 5000;
      const outcome = await store.entries.touch(NAMESPACE, "key", expirationMs);
      expect(outcome).toMatchObject({ ok: true, existed: true });
      expect(outcome.version).toBeGreaterThan(version);
      expect(await store.entries.get(NAMESPACE, "key")).toMatchObject({
        version: outcome.version,
        expirationMs,
        metadata: "1",
      });
      clock.advance(4999);
      expect(await text("key")).toBe("value");
      clock.advance(1);
      expect(await text("key")).toBeNull();
    });

    test("touch can take the expiry away, on a large value too", async () => {
      const { store, clock, put, text } = opened();
      await put("key", "x".repeat(5000), { expirationMs: clock.nowMs() + 1000 });
      await store.entries.touch(NAMESPACE, "key", null);
      clock.advance(100_000);
      expect(await text("key")).toBe("x".repeat(5000));
    });

    test("touch at a version", async () => {
      const { store, put } = opened();
      const version = await put("key", "value");
      expect(await store.entries.touch(NAMESPACE, "key", null, version + 1)).toEqual({
        ok: false,
        version,
        existed: true,
      });
      expect(await store.entries.touch(NAMESPACE, "key", null, version)).toMatchObject({ ok: true });
      expect(await store.entries.touch(NAMESPACE, "missing", null)).toEqual({
        ok: false,
        version: null,
        existed: false,
      });
    });
  });
}
