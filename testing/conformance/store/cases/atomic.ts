import type { Mutation } from "@kvasir/store";
import { describe, expect, test } from "vitest";
import { input, NAMESPACE, type StoreUnderTest, testWhen, useStore } from "../store-case.js";

const put = (key: string, value: string): Mutation => ({ type: "put", key, ...input(value) });
const increment = (key: string, by: number): Mutation => ({ type: "increment", key, by, expirationMs: null });

/** All keys share a hash tag, so that a sharded store accepts them too. */
const A = "{t}a";
const B = "{t}b";
const C = "{t}c";

export function atomicCases(under: StoreUnderTest): void {
  describe("several changes, all or none", () => {
    const opened = useStore(under);

    test("all happen at one version", async () => {
      const { store, put: seed, text } = opened();
      await seed(B, "old");
      const version = await store.entries.commit(
        NAMESPACE,
        [],
        [put(A, "1"), { type: "delete", key: B }, increment(C, 3)],
      );
      expect([await text(A), await text(B), await text(C)]).toEqual(["1", null, "3"]);
      const entries = await store.entries.getMany(NAMESPACE, [A, C]);
      expect(entries.map((entry) => entry?.version)).toEqual([version, version]);
    });

    test("checks hold against versions and absence", async () => {
      const { store, put: seed, text } = opened();
      const version = await seed(A, "1");
      const checks = [
        { key: A, version },
        { key: B, version: null },
      ];
      expect(await store.entries.commit(NAMESPACE, checks, [put(B, "2")])).not.toBeNull();
      expect(await store.entries.commit(NAMESPACE, checks, [put(B, "3"), put(C, "4")])).toBeNull();
      expect([await text(B), await text(C)]).toEqual(["2", null]);
    });

    test("a mutation that fails leaves none of the others behind", async () => {
      const { store, put: seed, text } = opened();
      await seed(B, "text");
      await expect(store.entries.commit(NAMESPACE, [], [put(A, "1"), increment(B, 1)])).rejects.toMatchObject(
        {
          code: "value_not_integer",
        },
      );
      await expect(
        store.entries.commit(NAMESPACE, [], [put(C, "text"), increment(C, 1)]),
      ).rejects.toMatchObject({
        code: "value_not_integer",
      });
      expect([await text(A), await text(B), await text(C)]).toEqual([null, "text", null]);
    });

    test("mutations see those before them", async () => {
      const { store, text } = opened();
      await store.entries.commit(NAMESPACE, [], [put(A, "5"), increment(A, 1), increment(A, 1)]);
      await store.entries.commit(NAMESPACE, [], [put(B, "1"), { type: "delete", key: B }, increment(B, 9)]);
      await store.entries.commit(NAMESPACE, [], [increment(C, 1), { type: "delete", key: C }]);
      expect([await text(A), await text(B), await text(C)]).toEqual(["7", "9", null]);
    });

    testWhen(under, "atomicAcrossKeys")("keys need nothing in common [atomicAcrossKeys]", async () => {
      const { store, text } = opened();
      const keys = Array.from({ length: 20 }, (_, at) => `${at}:${"key".repeat(at)}`);
      await store.entries.commit(
        NAMESPACE,
        [],
        keys.map((key) => put(key, key)),
      );
      expect(await Promise.all(keys.map(text))).toEqual(keys);
    });

    test.skipIf(under.supports.atomicAcrossKeys)("keys of different tags are refused, by name", async () => {
      const { store, text } = opened();
      const mutations = [put("{one}a", "1"), put("{two}a", "1")];
      await expect(store.entries.commit(NAMESPACE, [], mutations)).rejects.toMatchObject({
        code: "bad_request",
        message: expect.stringMatching(/one.*two|two.*one/),
      });
      expect([await text("{one}a"), await text("{two}a")]).toEqual([null, null]);
    });

    test("of concurrent commits with the same check one wins", async () => {
      const { store } = opened();
      const versions = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          store.entries.commit(NAMESPACE, [{ key: A, version: null }], [put(A, `${index}`)]),
        ),
      );
      expect(versions.filter((version) => version !== null)).toHaveLength(1);
    });
  });

  describe("several changes, each for itself", () => {
    const opened = useStore(under);

    test("each has an outcome, in order", async () => {
      const { store, put: seed, text } = opened();
      await seed("b", "old");
      const outcomes = await store.entries.writeMany(NAMESPACE, [
        put("a", "1"),
        { type: "delete", key: "b" },
        { type: "delete", key: "missing" },
        increment("c", 2),
      ]);
      expect(outcomes.map((outcome) => outcome.existed)).toEqual([false, true, false, false]);
      expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
      expect([await text("a"), await text("b"), await text("c")]).toEqual(["1", null, "2"]);
    });

    test("the last of the same key wins", async () => {
      const { store, text } = opened();
      await store.entries.writeMany(NAMESPACE, [put("a", "1"), put("a", "2"), put("a", "3")]);
      expect(await text("a")).toBe("3");
    });

    test("one that fails rejects after the others are stored", async () => {
      const { store, put: seed, text } = opened();
      await seed("b", "text");
      const many = store.entries.writeMany(NAMESPACE, [put("a", "1"), increment("b", 1), put("c", "3")]);
      await expect(many).rejects.toMatchObject({ code: "value_not_integer" });
      expect([await text("a"), await text("b"), await text("c")]).toEqual(["1", "text", "3"]);
    });

    test("none is fine", async () => {
      expect(await opened().store.entries.writeMany(NAMESPACE, [])).toEqual([]);
    });
  });
}
