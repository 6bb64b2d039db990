import { describe, expect, test } from "vitest";
import { caseOf, input, NAMESPACE, type StoreUnderTest, testWhen, useStore } from "../store-case.js";

export function lifetimeCases(under: StoreUnderTest): void {
  describe("lifetime", () => {
    const opened = useStore(under);

    test("close finishes the writes under way; everything afterwards is refused", async () => {
      const { store } = opened();
      const writes = Array.from({ length: 100 }, (_, index) =>
        store.entries.put(NAMESPACE, `key${index}`, input("")),
      );
      const closed = store.close();
      const outcomes = await Promise.all(writes);
      await closed;
      expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
      const rejected = { code: "unavailable" };
      await expect(async () => store.entries.get(NAMESPACE, "key0")).rejects.toMatchObject(rejected);
      await expect(async () => store.entries.list(NAMESPACE, { limit: 1 })).rejects.toMatchObject(rejected);
      await expect(async () => store.namespaces.list()).rejects.toMatchObject(rejected);
      await expect(store.entries.count(NAMESPACE, {})).rejects.toMatchObject(rejected);
      await expect(store.entries.put(NAMESPACE, "key", input(""))).rejects.toMatchObject(rejected);
      await expect(store.entries.stage(NAMESPACE, "key", [], { bytesMax: 1 })).rejects.toMatchObject(
        rejected,
      );
      await expect(async () => store.records("tokens").get("a")).rejects.toMatchObject(rejected);
      await expect(store.records("tokens").put("a", 1)).rejects.toMatchObject(rejected);
      await store.close();
    });

    testWhen(under, "multiProcess")(
      "close finishes its own writes and refuses the rest also while the data are open beside it [multiProcess]",
      async () => {
        const { store, clock } = opened();
        const beside = await under.openAgain?.({ store, clock });
        let written = 0;
        for (let index = 0; index < 100; index++) {
          void store.entries.put(NAMESPACE, `key${index}`, input("")).then(() => written++);
        }
        await store.close();
        expect(written).toBe(100);
        await expect(store.records("tokens").put("a", 1)).rejects.toMatchObject({ code: "unavailable" });
        await expect(store.records("tokens").delete("a")).rejects.toMatchObject({ code: "unavailable" });
        expect(await beside?.store.entries.count(NAMESPACE, {})).toBe(100);
        await beside?.store.close();
      },
    );

    testWhen(under, "multiProcess")(
      "what is opened while another lets go of the same data stays open [multiProcess]",
      async () => {
        const { store, clock } = opened();
        const write = store.entries.put(NAMESPACE, "key", input("1"));
        const closed = store.close();
        for (let turn = 0; turn < 3; turn++) {
          await null;
          const again = await under.openAgain?.({ store, clock });
          const text = again && caseOf(again).text;
          await again?.store.entries.put(NAMESPACE, `key${turn}`, input("2"));
          expect(await text?.(`key${turn}`)).toBe("2");
          void again?.store.close();
        }
        await Promise.all([write, closed]);
      },
    );

    test("closing ends those who watch", async () => {
      const { store } = opened();
      const next = store.changes.watch({ namespace: NAMESPACE })[Symbol.asyncIterator]().next();
      const ended = expect(next).rejects.toMatchObject({ code: "unavailable" });
      await store.close();
      await ended;
    });

    const { reopen, openAgain } = under;

    testWhen(under, "durable")("what was stored is there after opening again [durable]", async () => {
      const { store, clock, put } = opened();
      await put("small", "1", { metadata: '"m"', expirationMs: clock.nowMs() + 60_000 });
      await put("large", "x".repeat(300_000));
      const before = await store.entries.getMany(NAMESPACE, ["small", "large"]);
      const again = caseOf((await reopen?.({ store, clock })) ?? { store, clock });
      const after = await again.store.entries.getMany(NAMESPACE, ["small", "large"]);
      expect(after.map((entry) => entry?.version)).toEqual(before.map((entry) => entry?.version));
      expect([await again.text("small"), await again.text("large")]).toEqual(["1", "x".repeat(300_000)]);
      expect(await again.put("small", "2")).toBeGreaterThan(before[1]?.version ?? 0);
      await again.store.close();
    });

    testWhen(under, "multiProcess")("two stores on the same data see each other [multiProcess]", async () => {
      const one = opened();
      const two = caseOf((await openAgain?.(one)) ?? one);
      await one.put("a", "1");
      expect(await two.text("a")).toBe("1");
      await Promise.all([
        one.store.entries.increment(NAMESPACE, "n", 1, null),
        two.store.entries.increment(NAMESPACE, "n", 1, null),
      ]);
      expect(await one.text("n")).toBe("2");
      await two.store.close();
      expect(await one.text("n")).toBe("2");
    });
  });
}
