import {
  BindingNotFoundError,
  ConfigError,
  type KVOptionsWithoutSchema,
  KVSerializationError,
  KVValidationError,
  kv,
  type TypedKV,
  ValidationError,
} from "@kvasir/client";
import type { KVBinding, StandardSchemaV1 } from "@kvasir/client/typed";
import type { FakeClock } from "@kvasir/store";
import { beforeEach, describe, expect, test } from "vitest";
import { collect } from "./collect.js";

interface User {
  readonly name: string;
  readonly email: string;
}

const ADA: User = { name: "Ada", email: "ada@example.com" };
const BOB: User = { name: "Bob", email: "bob@example.com" };

const HAS_NAME: StandardSchemaV1<unknown, User> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) =>
      typeof value === "object" && value !== null && "name" in value
        ? { value: value as User }
        : { issues: [{ message: "has no name", path: ["name"] }] },
  },
};

/** What the typed client must do over any KVNamespace. */
export function typedSuite(title: string, setup: { clock: FakeClock; make(): Promise<KVBinding> }): void {
  describe(title, () => {
    const { clock } = setup;
    let binding: KVBinding;
    let raw: TypedKV<User>["raw"];
    let users: TypedKV<User>;
    const usersWith = (options: KVOptionsWithoutSchema<User>) =>
      kv<User>(binding, { prefix: "user:", ...options });
    const nowSeconds = () => Math.floor(clock.nowMs() / 1000);

    beforeEach(async () => {
      binding = await setup.make();
      users = usersWith({});
      raw = users.raw;
    });

    describe("kv()", () => {
      test.each([null, undefined, 0, "KV"])("refuses %j, which is no binding", (nothing) => {
        expect(() => kv(nothing as unknown as KVBinding)).toThrow(BindingNotFoundError);
        expect(() => kv(nothing as unknown as KVBinding)).toThrow(/"KVNamespace"/);
      });

      test("refuses what is no KVNamespace", () => {
        expect(() => kv({ get() {} } as unknown as KVBinding)).toThrow(ConfigError);
      });

      test("refuses a serializer that there is not", () => {
        expect(() => kv(binding, { serializer: "yaml" as "json" })).toThrow(ConfigError);
      });

      test("needs no options", async () => {
        const store = kv<User>(binding);
        await store.put("ada", ADA);
        expect(await store.get("ada")).toEqual(ADA);
        expect(await raw.get("ada")).toBe(JSON.stringify(ADA));
      });

      test("shows the binding itself", () => {
        expect(users.raw).toBe(binding);
      });

      test("has methods that need no this", async () => {
        const { put, get, has } = users;
        await put("ada", ADA);
        expect(await get("ada")).toEqual(ADA);
        expect(await has("ada")).toBe(true);
      });
    });

    describe("get", () => {
      test("reads what another wrote as JSON, behind the prefix", async () => {
        await raw.put("user:ada", JSON.stringify(ADA));
        expect(await users.get("ada")).toEqual(ADA);
      });

      test("answers null where there is nothing", async () => {
        expect(await users.get("nobody")).toBeNull();
      });

      test("tells an empty value from none", async () => {
        const texts = kv<string>(binding, { serializer: "text" });
        await texts.put("empty", "");
        expect(await texts.get("empty")).toBe("");
        expect(await texts.exists("empty")).toBe(true);
      });

      test("reads text", async () => {
        await raw.put("txt:hello", "world");
        expect(await kv<string>(binding, { prefix: "txt:", serializer: "text" }).get("hello")).toBe("world");
      });

      test("reads through a serializer of your own", async () => {
        const dates = kv<Date>(binding, {
          serializer: { serialize: (date) => date.toISOString(), deserialize: (text) => new Date(text) },
        });
        await dates.put("epoch", new Date(0));
        expect(await raw.get("epoch")).toBe("1970-01-01T00:00:00.000Z");
        expect(await dates.get("epoch")).toEqual(new Date(0));
      });

      test("refuses what does not parse, with the reason", async () => {
        await raw.put("user:bad", "not-json{}");
        const error = await users.get("bad").catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(KVSerializationError);
        expect(error).toMatchObject({ context: { operation: "deserialize", kvKey: "bad" } });
        expect(error).toHaveProperty("cause", expect.any(SyntaxError));
      });

      test("refuses what the schema refuses, and names the key without its prefix", async () => {
        await raw.put("user:odd", "{}");
        const error = await kv(binding, { prefix: "user:", schema: HAS_NAME })
          .get("odd")
          .catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(KVValidationError);
        expect(error).toMatchObject({ kvKey: "odd", validationMessage: "has no name" });
      });

      test.each([false, 0, 60] as const)("takes a cacheTtl of %j, also as the default", async (cacheTtl) => {
        await users.put("ada", ADA);
        expect(await users.get("ada", { cacheTtl })).toEqual(ADA);
        for (const options of [{ cacheTtl }, { defaultCacheTtl: cacheTtl }]) {
          expect(await usersWith(options).get("ada")).toEqual(ADA);
        }
      });

      test("lets a call's cacheTtl win over the client's, and that one over its older name", async () => {
        await users.put("ada", ADA);
        const refused = usersWith({ cacheTtl: 1, defaultCacheTtl: 60 });
        await expect(refused.get("ada")).rejects.toThrow(/KV\.get failed: .*cache_ttl/);
        expect(await refused.get("ada", { cacheTtl: false })).toEqual(ADA);
      });
    });

    describe("getWithMetadata", () => {
      test("reads value and metadata", async () => {
        await users.put("ada", ADA, { metadata: { role: "admin" } });
        const result = await users.getWithMetadata<{ role: string }>("ada");
        expect(result).toEqual({ value: ADA, metadata: { role: "admin" }, cacheStatus: null });
      });

      test("answers null for both where there is nothing", async () => {
        expect(await users.getWithMetadata("nobody")).toEqual({
          value: null,
          metadata: null,
          cacheStatus: null,
        });
      });

      test("refuses what does not parse or fit", async () => {
        await raw.put("user:bad", "not json");
        await raw.put("user:odd", "{}");
        await expect(users.getWithMetadata("bad")).rejects.toThrow(KVSerializationError);
        const strict = kv(binding, { prefix: "user:", schema: HAS_NAME });
        await expect(strict.getWithMetadata("odd")).rejects.toThrow(KVValidationError);
      });
    });

    describe("put", () => {
      test("stores JSON behind the prefix, and nothing else", async () => {
        await users.put("ada", ADA);
        expect(await raw.get("user:ada")).toBe(JSON.stringify(ADA));
        expect(await raw.get("ada")).toBeNull();
      });

      test("lets an entry live as long as its TTL", async () => {
        await users.put("ada", ADA, { ttl: 3600 });
        clock.advance(3_599_000);
        expect(await users.get("ada")).toEqual(ADA);
        clock.advance(1_000);
        expect(await users.get("ada")).toBeNull();
      });

      test("keeps an absolute expiration exactly, whatever the TTL", async () => {
        const expiration = nowSeconds() + 86_400;
        await usersWith({ defaultTtl: 300 }).put("ada", ADA, { expiration, ttl: 30 });
        expect(await users.listKeys()).toEqual([{ name: "ada", expiration }]);
      });

      test("takes the client's TTL where it is given none", async () => {
        const shortLived = usersWith({ defaultTtl: 300 });
        await shortLived.put("ada", ADA);
        await shortLived.put("bob", BOB, { ttl: 600 });
        const now = nowSeconds();
        expect(await users.listKeys()).toEqual([
          { name: "ada", expiration: now + 300 },
          { name: "bob", expiration: now + 600 },
        ]);
      });

      test.each([30, 0, Number.NaN])("refuses a TTL of %j", async (ttl) => {
        await expect(users.put("ada", ADA, { ttl })).rejects.toThrow(ValidationError);
        expect(await users.exists("ada")).toBe(false);
      });

      test("validates on write only when asked to", async () => {
        const wrong = {} as User;
        const lenient = kv(binding, { prefix: "user:", schema: HAS_NAME });
        const strict = kv(binding, { prefix: "user:", schema: HAS_NAME, validateOnWrite: true });
        await lenient.put("odd", wrong);
        expect(await raw.get("user:odd")).toBe("{}");
        await expect(strict.put("odd2", wrong)).rejects.toThrow(KVValidationError);
        expect(await raw.get("user:odd2")).toBeNull();
      });

      test("refuses what cannot be written down", async () => {
        const circle: Record<string, unknown> = {};
        circle["self"] = circle;
        await expect(kv(binding).put("circle", circle)).rejects.toThrow(KVSerializationError);
        await expect(kv(binding).put("nothing", undefined)).rejects.toThrow(KVSerializationError);
        expect(await kv(binding).listKeys()).toEqual([]);
      });
    });

    describe("keys", () => {
      const OPERATIONS: [string, (store: TypedKV<User>, key: string) => Promise<unknown>][] = [
        ["get", (store, key) => store.get(key)],
        ["getWithMetadata", (store, key) => store.getWithMetadata(key)],
        ["put", (store, key) => store.put(key, ADA)],
        ["delete", (store, key) => store.delete(key)],
        ["exists", (store, key) => store.exists(key)],
        ["getMany", (store, key) => store.getMany(["ok", key])],
        [
          "putMany",
          (store, key) =>
            store.putMany([
              { key: "ok", value: ADA },
              { key, value: BOB },
            ]),
        ],
        ["deleteMany", (store, key) => store.deleteMany(["ok", key])],
      ];

      test.each(OPERATIONS)(
        "%s rejects an empty key, and one too long with its prefix",
        async (_, operation) => {
          await expect(operation(users, "")).rejects.toThrow(ValidationError);
          await expect(operation(users, "a".repeat(508))).rejects.toThrow(/512 bytes \(got 513 bytes\)/);
        },
      );
    });

    test("delete removes an entry, and is content when there is none", async () => {
      await users.put("ada", ADA);
      expect(await users.delete("ada")).toBeUndefined();
      expect(await users.get("ada")).toBeNull();
      expect(await users.delete("ada")).toBeUndefined();
    });

    test("exists and has look behind the prefix", async () => {
      await users.put("ada", ADA);
      await raw.put("bob", "{}");
      for (const look of [users.exists, users.has]) {
        expect(await look("ada")).toBe(true);
        expect(await look("bob")).toBe(false);
      }
    });

    describe("list", () => {
      beforeEach(async () => {
        await users.put("active:1", ADA, { metadata: { by: "test" }, expiration: nowSeconds() + 600 });
        await users.put("active:2", BOB);
        await users.put("idle:1", BOB);
        await raw.put("other", "{}");
      });

      test("yields every entry of the client, whole", async () => {
        expect(await collect(users.list())).toEqual([
          {
            key: "active:1",
            name: "active:1",
            value: ADA,
            metadata: { by: "test" },
            expiration: nowSeconds() + 600,
          },
          { key: "active:2", name: "active:2", value: BOB },
          { key: "idle:1", name: "idle:1", value: BOB },
        ]);
      });

      test("keeps a further prefix in the keys", async () => {
        const keys = (await collect(users.list({ prefix: "active:" }))).map(({ key }) => key);
        expect(keys).toEqual(["active:1", "active:2"]);
      });

      test("keys() has no values, listKeys() has names", async () => {
        const about = { metadata: { by: "test" }, expiration: nowSeconds() + 600 };
        expect(await collect(users.keys({ prefix: "active:" }))).toEqual([
          { key: "active:1", ...about },
          { key: "active:2" },
        ]);
        expect(await users.listKeys({ prefix: "active:" })).toEqual([
          { name: "active:1", ...about },
          { name: "active:2" },
        ]);
      });

      test("yields nothing where there is nothing", async () => {
        const nobody = kv<User>(binding, { prefix: "nobody:" });
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
        expect(await collect(users.list({ limit }))).toHaveLength(count);
        expect(await collect(users.keys({ limit }))).toHaveLength(count);
      });

      test("begins anew with each loop, and can be left early", async () => {
        const list = users.list();
        for await (const { key } of list) {
          expect(key).toBe("active:1");
          break;
        }
        expect(await collect(list)).toHaveLength(3);
      });

      test("goes through pages, and from a page's cursor on", async () => {
        expect(await users.listKeys({ limit: 1 })).toHaveLength(3);
        const page = await raw.list({ prefix: "user:", limit: 1 });
        const { cursor } = page as { cursor: string };
        expect((await collect(users.list({ cursor }))).map(({ key }) => key)).toEqual(["active:2", "idle:1"]);
        expect((await collect(users.keys({ cursor, limit: 1 }))).map(({ key }) => key)).toEqual(["active:2"]);
        expect((await users.listKeys({ cursor, limit: 1 })).map(({ name }) => name)).toEqual([
          "active:2",
          "idle:1",
        ]);
      });

      test("yields null for what does not parse, and goes on", async () => {
        await raw.put("user:active:1", "not json");
        expect((await collect(users.list())).map(({ value }) => value)).toEqual([null, BOB, BOB]);
      });

      test("yields null for what does not fit the schema, and goes on", async () => {
        await raw.put("user:active:1", "{}");
        const strict = kv(binding, { prefix: "user:", schema: HAS_NAME });
        expect((await collect(strict.list())).map(({ value }) => value)).toEqual([null, BOB, BOB]);
      });

      test("reads text and bytes too", async () => {
        const texts = kv<string>(binding, { prefix: "user:", serializer: "text" });
        expect((await collect(texts.list({ limit: 1 })))[0]?.value).toBe(JSON.stringify(ADA));
        const bytes = kv<ArrayBuffer>(binding, { prefix: "user:", serializer: "arrayBuffer" });
        const values = (await collect(bytes.list())).map(({ value }) =>
          new TextDecoder().decode(value ?? undefined),
        );
        expect(values).toEqual([JSON.stringify(ADA), JSON.stringify(BOB), JSON.stringify(BOB)]);
      });
    });

    test("a list of more than a page is whole and in order", async () => {
      const numbers = kv<number>(binding, { prefix: "n:" });
      const key = (index: number) => String(index).padStart(4, "0");
      await numbers.putMany(Array.from({ length: 1_150 }, (_, index) => ({ key: key(index), value: index })));
      const listed = await collect(numbers.list());
      expect(listed.map(({ value }) => value)).toEqual(listed.map((_, index) => index));
      expect(listed).toHaveLength(1_150);
      expect(await collect(numbers.keys({ limit: 1_100 }))).toHaveLength(1_100);
    });

    describe("many", () => {
      test("getMany answers what there is, in the order asked for, by key without prefix", async () => {
        await users.putMany([
          { key: "ada", value: ADA },
          { key: "bob", value: BOB },
        ]);
        const found = await users.getMany(["bob", "nobody", "ada", "bob"]);
        expect([...found]).toEqual([
          ["bob", BOB],
          ["ada", ADA],
        ]);
        expect(found.has("nobody")).toBe(false);
      });

      test("getMany reads more than one bulk read can, and keys like numbers", async () => {
        const numbers = kv<number>(binding);
        const keys = Array.from({ length: 250 }, (_, index) => String(index));
        await numbers.putMany(keys.map((key, value) => ({ key, value })));
        expect([...(await numbers.getMany(keys))]).toEqual(keys.map((key, value) => [key, value]));
      });

      test("getMany rejects when one value does not parse, with its key", async () => {
        await users.put("ada", ADA);
        await raw.put("user:bad", "not json");
        const failing = users.getMany(["ada", "bad"]);
        await expect(failing).rejects.toThrow(KVSerializationError);
        await expect(failing).rejects.toThrow(/"bad"/);
      });

      test("getMany reads text and bytes", async () => {
        await raw.put("a", "1");
        await raw.put("b", "x");
        const texts = kv<string | number>(binding, { serializer: "text" });
        expect([...(await texts.getMany(["a", "b", "c"]))]).toEqual([
          ["a", 1],
          ["b", "x"],
        ]);
        const bytes = await kv<ArrayBuffer>(binding, { serializer: "arrayBuffer" }).getMany(["a", "b", "c"]);
        expect([...bytes].map(([key, value]) => [key, new TextDecoder().decode(value)])).toEqual([
          ["a", "1"],
          ["b", "x"],
        ]);
      });

      test("putMany puts all, each with its own options over the shared ones", async () => {
        const now = nowSeconds();
        await users.putMany(
          [
            { key: "ada", value: ADA, options: { metadata: { n: 1 } } },
            { key: "bob", value: BOB, options: { ttl: 60 } },
          ],
          { ttl: 600 },
        );
        expect(await users.listKeys()).toEqual([
          { name: "ada", expiration: now + 600, metadata: { n: 1 } },
          { name: "bob", expiration: now + 60 },
        ]);
      });

      test("deleteMany removes all, the missing too", async () => {
        await users.putMany([
          { key: "ada", value: ADA },
          { key: "bob", value: BOB },
        ]);
        expect(await users.deleteMany(["ada", "nobody", "bob"])).toBeUndefined();
        expect(await users.listKeys()).toEqual([]);
      });

      test("nothing is quickly done", async () => {
        expect(await users.getMany([])).toEqual(new Map());
        expect(await users.putMany([])).toBeUndefined();
        expect(await users.deleteMany([])).toBeUndefined();
      });

      test("the README's names do the same", async () => {
        await users.batchPut([{ key: "ada", value: ADA }]);
        expect(await users.batchGet(["ada"])).toEqual(new Map([["ada", ADA]]));
        await users.batchDelete(["ada"]);
        expect(await users.exists("ada")).toBe(false);
      });
    });

    describe("serializers", () => {
      test("text counts numbers", async () => {
        const counters = kv<number>(binding, { prefix: "count:", serializer: "text" });
        const increment = async () => {
          const next = ((await counters.get("hits")) ?? 0) + 1;
          await counters.put("hits", next);
          return next;
        };
        expect([await increment(), await increment(), await increment()]).toEqual([1, 2, 3]);
        expect(await raw.get("count:hits")).toBe("3");
      });

      test("text gives strings of digits back as strings, with their metadata", async () => {
        const codes = kv<string>(binding, { serializer: "text" });
        await codes.put("code", "123456", { metadata: { for: "ada" } });
        await codes.put("plain", "no number", { metadata: [1] });
        expect(await raw.get("code")).toBe("123456");
        expect(await codes.get("code")).toBe("123456");
        expect(await codes.getWithMetadata("code")).toMatchObject({
          value: "123456",
          metadata: { for: "ada" },
        });
        expect(await codes.getMany(["code", "plain"])).toEqual(
          new Map([
            ["code", "123456"],
            ["plain", "no number"],
          ]),
        );
        expect(await collect(codes.list())).toMatchObject([
          { value: "123456", metadata: { for: "ada" } },
          { value: "no number", metadata: [1] },
        ]);
      });

      test("arrayBuffer keeps bytes", async () => {
        const files = kv<ArrayBuffer>(binding, { serializer: "arrayBuffer" });
        const bytes = new Uint8Array([0, 255, 128, 10]);
        await files.put("f", bytes.buffer);
        expect(new Uint8Array((await files.get("f")) ?? new ArrayBuffer(0))).toEqual(bytes);
        expect((await files.getWithMetadata("f")).value?.byteLength).toBe(4);
      });

      test("stream keeps streams", async () => {
        const files = kv<ReadableStream>(binding, { serializer: "stream" });
        await files.put("f", new Blob(["streamed"]).stream());
        expect(await new Response(await files.get("f")).text()).toBe("streamed");
        for await (const { value } of files.list()) expect(await new Response(value).text()).toBe("streamed");
        expect(await files.get("nothing")).toBeNull();
      });
    });
  });
}
