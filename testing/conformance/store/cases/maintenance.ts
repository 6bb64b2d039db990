import { describe, expect, test } from "vitest";
import { NAMESPACE, type StoreUnderTest, useStore } from "../store-case.js";

/** An engine may have each member or not; what it has must work. */
export function maintenanceCases(under: StoreUnderTest): void {
  describe("maintenance", () => {
    const opened = useStore(under);

    test("a check finds nothing wrong, and counts entries and bytes [check]", async ({ skip }) => {
      const { store, put, settle } = opened();
      const { check } = store.maintenance;
      if (check === undefined) return skip("the store has no check()");
      await put("small", "12345");
      await put("large", "x".repeat(300_000), { metadata: '"m"' });
      await settle();
      await store.entries.delete(NAMESPACE, "small");
      await put("other", "123");
      expect(await check()).toEqual({
        readable: true,
        entries: 2,
        bytes: 300_003,
        problemCount: 0,
        problems: [],
      });
    });

    test("a sweep reclaims what has expired, says how many there were, and tells watches [sweep]", async ({
      skip,
    }) => {
      const { store, clock, put } = opened();
      const { sweep } = store.maintenance;
      if (sweep === undefined) return skip("the store has no sweep()");
      for (const key of ["a", "b"]) await put(key, "1", { expirationMs: clock.nowMs() + 1000 });
      await put("c", "1");
      const changes = store.changes.watch({ namespace: NAMESPACE })[Symbol.asyncIterator]();
      expect(await sweep()).toBe(0);
      clock.advance(1000);
      const next = changes.next();
      // Under a clock that is moved, the store may have swept by itself already.
      expect(await sweep()).toBeLessThanOrEqual(2);
      // Changes of different keys have no order among each other.
      const told = [(await next).value, (await changes.next()).value];
      expect(told.map(({ type, key }) => `${type} ${key}`).sort()).toEqual(["expire a", "expire b"]);
      await changes.return?.();
      expect(await store.entries.count(NAMESPACE, {})).toBe(1);
    });
  });
}
