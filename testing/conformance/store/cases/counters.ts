import { describe, expect, test } from "vitest";
import { NAMESPACE, type StoreUnderTest, useStore } from "../store-case.js";

export function counterCases(under: StoreUnderTest): void {
  describe("counters", () => {
    const opened = useStore(under);

    test("a counter starts at nothing and is stored as decimal text", async () => {
      const { store, text } = opened();
      expect(await store.entries.increment(NAMESPACE, "n", 5, null)).toMatchObject({ value: 5 });
      expect(await store.entries.increment(NAMESPACE, "n", -7, null)).toMatchObject({ value: -2 });
      expect(await text("n")).toBe("-2");
    });

    test("text that was put counts on, and keeps its metadata and expiry", async () => {
      const { store, clock, put } = opened();
      const expirationMs = clock.nowMs() + 5000;
      await put("n", "41", { metadata: '"m"', expirationMs });
      const { value, version } = await store.entries.increment(NAMESPACE, "n", 1, null);
      expect(value).toBe(42);
      expect(await store.entries.get(NAMESPACE, "n")).toMatchObject({
        version,
        metadata: '"m"',
        expirationMs,
      });
    });

    test("the expiry applies only when the counter is created", async () => {
      const { store, clock } = opened();
      const expirationMs = clock.nowMs() + 1000;
      await store.entries.increment(NAMESPACE, "n", 1, expirationMs);
      await store.entries.increment(NAMESPACE, "n", 1, expirationMs + 9000);
      expect(await store.entries.get(NAMESPACE, "n")).toMatchObject({ expirationMs });
      clock.advance(1000);
      expect(await store.entries.increment(NAMESPACE, "n", 1, null)).toMatchObject({ value: 1 });
      expect(await store.entries.get(NAMESPACE, "n")).toMatchObject({ expirationMs: null });
    });

    test.each(["", "text", "1.5", "1e3", " 1", "+1", "9007199254740992", "1".repeat(2000)])(
      "%j is not a counter, and stays as it was",
      async (value) => {
        const { store, put, text } = opened();
        await put("n", value);
        await expect(store.entries.increment(NAMESPACE, "n", 1, null)).rejects.toMatchObject({
          code: "value_not_integer",
        });
        expect(await text("n")).toBe(value);
      },
    );

    test("a sum that is not a safe integer is refused", async () => {
      const { store, text } = opened();
      await store.entries.increment(NAMESPACE, "n", Number.MAX_SAFE_INTEGER, null);
      await expect(store.entries.increment(NAMESPACE, "n", 1, null)).rejects.toMatchObject({
        code: "value_not_integer",
      });
      expect(await text("n")).toBe("9007199254740991");
    });

    test("concurrent increments all count", async () => {
      const { store } = opened();
      const results = await Promise.all(
        Array.from({ length: 300 }, () => store.entries.increment(NAMESPACE, "n", 1, null)),
      );
      const values = results.map((result) => result.value).sort((a, b) => a - b);
      expect(values).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    });

    test("one that fails takes nothing from those that were submitted with it", async () => {
      const { store, put, text } = opened();
      await put("text", "abc");
      const outcomes = await Promise.allSettled([
        store.entries.increment(NAMESPACE, "a", 1, null),
        store.entries.increment(NAMESPACE, "text", 1, null),
        store.entries.increment(NAMESPACE, "b", 1, null),
      ]);
      expect(outcomes.map((outcome) => outcome.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect([await text("a"), await text("text"), await text("b")]).toEqual(["1", "abc", "1"]);
    });
  });
}
