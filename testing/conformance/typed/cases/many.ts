import { KVSerializationError, kv } from "@kvasir/client";
import { describe, expect, test } from "vitest";
import type { TypedCaseContext } from "../typed-case-context.js";
import { ADA, BOB } from "../users.js";

export function manyCases(typed: TypedCaseContext): void {
  describe("many", () => {
    test("getMany answers what there is, in the order asked for, by key without prefix", async () => {
      await typed.users.putMany([
        { key: "ada", value: ADA },
        { key: "bob", value: BOB },
      ]);
      const found = await typed.users.getMany(["bob", "nobody", "ada", "bob"]);
      expect([...found]).toEqual([
        ["bob", BOB],
        ["ada", ADA],
      ]);
      expect(found.has("nobody")).toBe(false);
    });

    test("getMany reads more than one bulk read can, and keys like numbers", async () => {
      const numbers = kv<number>(typed.binding);
      const keys = Array.from({ length: 250 }, (_, index) => String(index));
      await numbers.putMany(keys.map((key, value) => ({ key, value })));
      expect([...(await numbers.getMany(keys))]).toEqual(keys.map((key, value) => [key, value]));
    });

    test("getMany rejects when one value does not parse, with its key", async () => {
      await typed.users.put("ada", ADA);
      await typed.raw.put("user:bad", "not json");
      const failing = typed.users.getMany(["ada", "bad"]);
      await expect(failing).rejects.toThrow(KVSerializationError);
      await expect(failing).rejects.toThrow(/"bad"/);
    });

    test("getMany reads text and bytes", async () => {
      await typed.raw.put("a", "1");
      await typed.raw.put("b", "x");
      const texts = kv<string | number>(typed.binding, { serializer: "text" });
      expect([...(await texts.getMany(["a", "b", "c"]))]).toEqual([
        ["a", 1],
        ["b", "x"],
      ]);
      const bytes = await kv<ArrayBuffer>(typed.binding, { serializer: "arrayBuffer" }).getMany([
        "a",
        "b",
        "c",
      ]);
      expect([...bytes].map(([key, value]) => [key, new TextDecoder().decode(value)])).toEqual([
        ["a", "1"],
        ["b", "x"],
      ]);
    });

    test("putMany puts all, each with its own options over the shared ones", async () => {
      const now = typed.nowSeconds();
      await typed.users.putMany(
        [
          { key: "ada", value: ADA, options: { metadata: { n: 1 } } },
          { key: "bob", value: BOB, options: { ttl: 60 } },
        ],
        { ttl: 600 },
      );
      expect(await typed.users.listKeys()).toEqual([
        { name: "ada", expiration: now + 600, metadata: { n: 1 } },
        { name: "bob", expiration: now + 60 },
      ]);
    });

    test("deleteMany removes all, the missing too", async () => {
      await typed.users.putMany([
        { key: "ada", value: ADA },
        { key: "bob", value: BOB },
      ]);
      expect(await typed.users.deleteMany(["ada", "nobody", "bob"])).toBeUndefined();
      expect(await typed.users.listKeys()).toEqual([]);
    });

    test("nothing is quickly done", async () => {
      expect(await typed.users.getMany([])).toEqual(new Map());
      expect(await typed.users.putMany([])).toBeUndefined();
      expect(await typed.users.deleteMany([])).toBeUndefined();
    });

    test("the README's names do the same", async () => {
      await typed.users.batchPut([{ key: "ada", value: ADA }]);
      expect(await typed.users.batchGet(["ada"])).toEqual(new Map([["ada", ADA]]));
      await typed.users.batchDelete(["ada"]);
      expect(await typed.users.exists("ada")).toBe(false);
    });
  });
}
