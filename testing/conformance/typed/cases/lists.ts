import { kv } from "@kvasir/client";
import { beforeEach, describe, expect, test } from "vitest";
import { collect } from "../collect.js";
import type { TypedCaseContext } from "../typed-case-context.js";
import { ADA, BOB, HAS_NAME, type User } from "../users.js";

export function listsCases(typed: TypedCaseContext): void {
  describe("list", () => {
    beforeEach(async () => {
      await typed.users.put("active:1", ADA, {
        metadata: { by: "test" },
        expiration: typed.nowSeconds() + 600,
      });
      await typed.users.put("active:2", BOB);
      await typed.users.put("idle:1", BOB);
      await typed.raw.put("other", "{}");
    });

    test("yields every entry of the client, whole", async () => {
      expect(await collect(typed.users.list())).toEqual([
        {
          key: "active:1",
          name: "active:1",
          value: ADA,
          metadata: { by: "test" },
          expiration: typed.nowSeconds() + 600,
        },
        { key: "active:2", name: "active:2", value: BOB },
        { key: "idle:1", name: "idle:1", value: BOB },
      ]);
    });

    test("keeps a further prefix in the keys", async () => {
      const keys = (await collect(typed.users.list({ prefix: "active:" }))).map(({ key }) => key);
      expect(keys).toEqual(["active:1", "active:2"]);
    });

    test("keys() has no values, listKeys() has names", async () => {
      const about = { metadata: { by: "test" }, expiration: typed.nowSeconds() + 600 };
      expect(await collect(typed.users.keys({ prefix: "active:" }))).toEqual([
        { key: "active:1", ...about },
        { key: "active:2" },
      ]);
      expect(await typed.users.listKeys({ prefix: "active:" })).toEqual([
        { name: "active:1", ...about },
        { name: "active:2" },
      ]);
    });

    test("yields nothing where there is nothing", async () => {
      const nobody = kv<User>(typed.binding, { prefix: "nobody:" });
      expect(await collect(nobody.list())).toEqual([]);
      expect(await collect(nobody.keys())).toEqual([]);
      expect(await nobody.listKeys()).toEqual([]);
    });

    test.each([
      [0, 0],
      [-1, 0],
      [0.5, 0],
      [1, 1],
      [2, 2],
      [99, 3],
    ])("with a limit of %j yields %j", async (limit, count) => {
      expect(await collect(typed.users.list({ limit }))).toHaveLength(count);
      expect(await collect(typed.users.keys({ limit }))).toHaveLength(count);
    });

    test("begins anew with each loop, and can be left early", async () => {
      const list = typed.users.list();
      for await (const { key } of list) {
        expect(key).toBe("active:1");
        break;
      }
      expect(await collect(list)).toHaveLength(3);
    });

    test("goes through pages, and from a page's cursor on", async () => {
      expect(await typed.users.listKeys({ limit: 1 })).toHaveLength(3);
      const page = await typed.raw.list({ prefix: "user:", limit: 1 });
      const { cursor } = page as { cursor: string };
      expect((await collect(typed.users.list({ cursor }))).map(({ key }) => key)).toEqual([
        "active:2",
        "idle:1",
      ]);
      expect((await collect(typed.users.keys({ cursor, limit: 1 }))).map(({ key }) => key)).toEqual([
        "active:2",
      ]);
      expect((await typed.users.listKeys({ cursor, limit: 1 })).map(({ name }) => name)).toEqual([
        "active:2",
        "idle:1",
      ]);
    });

    test("yields null for what does not parse, and goes on", async () => {
      await typed.raw.put("user:active:1", "not json");
      expect((await collect(typed.users.list())).map(({ value }) => value)).toEqual([null, BOB, BOB]);
    });

    test("yields null for what does not fit the schema, and goes on", async () => {
      await typed.raw.put("user:active:1", "{}");
      const strict = kv(typed.binding, { prefix: "user:", schema: HAS_NAME });
      expect((await collect(strict.list())).map(({ value }) => value)).toEqual([null, BOB, BOB]);
    });

    test("reads text and bytes too", async () => {
      const texts = kv<string>(typed.binding, { prefix: "user:", serializer: "text" });
      expect((await collect(texts.list({ limit: 1 })))[0]?.value).toBe(JSON.stringify(ADA));
      const bytes = kv<ArrayBuffer>(typed.binding, { prefix: "user:", serializer: "arrayBuffer" });
      const values = (await collect(bytes.list())).map(({ value }) =>
        new TextDecoder().decode(value ?? undefined),
      );
      expect(values).toEqual([JSON.stringify(ADA), JSON.stringify(BOB), JSON.stringify(BOB)]);
    });
  });

  test("a list of more than a page is whole and in order", async () => {
    const numbers = kv<number>(typed.binding, { prefix: "n:" });
    const key = (index: number) => String(index).padStart(4, "0");
    await numbers.putMany(Array.from({ length: 1_150 }, (_, index) => ({ key: key(index), value: index })));
    const listed = await collect(numbers.list());
    expect(listed.map(({ value }) => value)).toEqual(listed.map((_, index) => index));
    expect(listed).toHaveLength(1_150);
    expect(await collect(numbers.keys({ limit: 1_100 }))).toHaveLength(1_100);
  });
}
