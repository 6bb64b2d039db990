import { describe, expect, test } from "vitest";
import { NAMESPACE, type StoreUnderTest, useStore } from "../store-case.js";

export function supportCases(under: StoreUnderTest): void {
  describe("a store", () => {
    const opened = useStore(under);

    test("declares what the suite was told, and the suite can test it", () => {
      const { durable, multiProcess } = under.supports;
      expect(opened().store.supports).toEqual(under.supports);
      expect({ durable: under.reopen !== undefined, multiProcess: under.openAgain !== undefined }).toEqual({
        durable,
        multiProcess,
      });
    });

    test("is healthy", async () => {
      await opened().store.health();
    });

    test("and its parts can be spread, so that a layer replaces what it changes", async () => {
      const { store, put } = opened();
      const keys: string[] = [];
      const entries = { ...store.entries };
      const layered = {
        ...store,
        entries: {
          ...entries,
          count: (...args: Parameters<typeof entries.count>) => {
            keys.push("counted");
            return entries.count(...args);
          },
        },
        namespaces: { ...store.namespaces },
        changes: { ...store.changes },
      };
      await put("key", "1");
      expect(await layered.entries.count(NAMESPACE, {})).toBe(1);
      expect(await layered.entries.deleteRange(NAMESPACE, {})).toBe(1);
      expect(await layered.namespaces.get(NAMESPACE)).toMatchObject({ id: NAMESPACE });
      expect(await layered.changes.position()).toBe(await store.changes.position());
      expect(await layered.records("tokens").list()).toEqual([]);
      await layered.health();
      expect(keys).toEqual(["counted"]);
    });
  });
}
