import { describe, expect, test } from "vitest";
import { input, NAMESPACE, type StoreUnderTest, useStore } from "../store-case.js";

export function rangeCases(under: StoreUnderTest): void {
  describe("deletion of a range", () => {
    const opened = useStore(under);

    test("deletes the live entries in it and says how many there were", async () => {
      const { store, clock, put, text, settle } = opened();
      for (const key of ["a", "b/1", "b/2", "b/3", "c"]) await put(key, "1");
      await put("b/expired", "1", { expirationMs: clock.nowMs() + 1 });
      clock.advance(1);
      expect(await store.entries.deleteRange(NAMESPACE, { prefix: "b/", end: "b/3" })).toBe(2);
      await settle();
      expect([await text("b/1"), await text("b/2")]).toEqual([null, null]);
      expect([await text("a"), await text("b/3"), await text("c")]).toEqual(["1", "1", "1"]);
      expect(await store.entries.deleteRange(NAMESPACE, { prefix: "b/", end: "b/3" })).toBe(0);
    });

    test("takes as many entries as there are, in this namespace", async () => {
      const { store } = opened();
      await store.namespaces.create({ id: "other", title: "other" });
      const mutations = Array.from({ length: 2500 }, (_, at) => ({
        type: "put" as const,
        key: `key${at}`,
        ...input(""),
      }));
      await store.entries.writeMany(NAMESPACE, mutations);
      await store.entries.put("other", "key", input(""));
      expect(await store.entries.deleteRange(NAMESPACE, {})).toBe(2500);
      expect(await store.entries.count(NAMESPACE, {})).toBe(0);
      expect(await store.entries.count("other", {})).toBe(1);
    });

    test("is not that of a namespace that does not exist", async () => {
      const deletion = opened().store.entries.deleteRange("missing", {});
      await expect(deletion).rejects.toMatchObject({ code: "namespace_not_found" });
    });
  });
}
