import { describe, expect, test } from "vitest";
import { input, NAMESPACE, type StoreUnderTest, testWhen, useStore } from "../store-case.js";

export function conditionCases(under: StoreUnderTest): void {
  describe("conditions", () => {
    const opened = useStore(under);
    const whenStrong = testWhen(under, "strong");

    test("put if absent takes effect once", async () => {
      const { store, text } = opened();
      const outcomes = await Promise.all(
        ["first", "second", "third"].map((value) => store.entries.put(NAMESPACE, "key", input(value), null)),
      );
      expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, false, false]);
      expect(outcomes[1]).toEqual({ ok: false, version: outcomes[0]?.version, existed: true });
      expect(await text("key")).toBe("first");
    });

    test("put if absent sees an expired entry as absent", async () => {
      const { store, clock, put } = opened();
      await put("key", "old", { expirationMs: clock.nowMs() + 1000 });
      clock.advance(1000);
      expect(await store.entries.put(NAMESPACE, "key", input("new"), null)).toMatchObject({
        ok: true,
        existed: false,
      });
    });

    test("put at a version takes effect at that version only", async () => {
      const { store, put, text } = opened();
      const version = await put("key", "1");
      const next = await store.entries.put(NAMESPACE, "key", input("2"), version);
      expect(next).toMatchObject({ ok: true, existed: true });
      expect(await store.entries.put(NAMESPACE, "key", input("3"), version)).toEqual({
        ok: false,
        version: next.version,
        existed: true,
      });
      expect(await text("key")).toBe("2");
    });

    test("put at a version fails when there is nothing", async () => {
      const { store } = opened();
      expect(await store.entries.put(NAMESPACE, "key", input("1"), 1)).toEqual({
        ok: false,
        version: null,
        existed: false,
      });
    });

    whenStrong("delete at a version [strong]", async () => {
      const { store, put, text } = opened();
      const old = await put("key", "1");
      const version = await put("key", "2");
      expect(await store.entries.delete(NAMESPACE, "key", old)).toEqual({
        ok: false,
        version,
        existed: true,
      });
      expect(await text("key")).toBe("2");
      expect(await store.entries.delete(NAMESPACE, "key", version)).toMatchObject({
        ok: true,
        existed: true,
      });
      expect(await store.entries.delete(NAMESPACE, "key", version)).toEqual({
        ok: false,
        version: null,
        existed: false,
      });
    });

    whenStrong("a deleted entry's version never holds again [strong]", async () => {
      const { store, put } = opened();
      const version = await put("key", "1");
      await store.entries.delete(NAMESPACE, "key");
      await put("key", "1");
      expect(await store.entries.put(NAMESPACE, "key", input("2"), version)).toMatchObject({ ok: false });
    });
  });
}
