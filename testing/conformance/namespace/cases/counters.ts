import { refusal, typeError } from "../assert.js";
import type { NamespaceCase } from "../case.js";

export const counterCases: readonly NamespaceCase[] = [
  {
    name: "increment: absent counts as 0, the sum is stored as decimal text",
    async run({ kv, assert }) {
      assert.same(await kv.increment("n"), 1);
      assert.same(await kv.increment("n"), 2);
      assert.same(await kv.increment("n", 40), 42);
      assert.same(await kv.increment("n", -50), -8);
      assert.same(await kv.increment("n", 0), -8);
      assert.same(await kv.get("n"), "-8");
      await kv.put("n", "100");
      assert.same(await kv.increment("n"), 101);
    },
  },
  {
    name: "increment: of many at once none is lost, and each sees another sum",
    async run({ kv, assert }) {
      const sums = await Promise.all(Array.from({ length: 50 }, () => kv.increment("n")));
      assert.same(
        sums.sort((a, b) => a - b),
        Array.from({ length: 50 }, (_, at) => at + 1),
      );
    },
  },
  {
    name: "increment: the time to live is for the counter that it creates",
    async run({ kv, clock, assert }) {
      const expiration = (await clock.nowSeconds()) + 60;
      await kv.increment("n", 1, { expirationTtl: 60 });
      await clock.advance(30_000);
      assert.same(await kv.increment("n", 1, { expirationTtl: 60 }), 2);
      assert.same((await kv.list()).keys, [{ name: "n", expiration }]);
      await clock.advance(30_000);
      assert.same(await kv.get("n"), null);
      assert.same(await kv.increment("n", 5), 5);
      assert.same((await kv.list()).keys, [{ name: "n" }]);
    },
  },
  {
    name: "increment: metadata stays",
    async run({ kv, assert }) {
      await kv.put("n", "1", { metadata: "m" });
      await kv.increment("n");
      assert.same((await kv.getWithMetadata("n")).metadata, "m");
    },
  },
  {
    name: "increment: what is no integer, or would be none, is refused and left alone",
    async run({ kv, assert }) {
      for (const value of ["text", "", "1.5", " 1", "0x10", "9007199254740992"]) {
        await kv.put("n", value);
        await assert.rejects(() => kv.increment("n"), { name: "KvError", code: "value_not_integer" });
        assert.same(await kv.get("n"), value);
      }
      await kv.put("n", "9007199254740991");
      await assert.rejects(() => kv.increment("n"), { name: "KvError", code: "value_not_integer" });
      assert.same(await kv.increment("n", -1), 9007199254740990);
      for (const by of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
        await assert.rejects(() => kv.increment("n", by), { name: "KvError", code: "bad_request" });
      }
      await assert.rejects(() => kv.increment(""), typeError("Key name cannot be empty."));
    },
  },
  // Keys of one commit share a {tag}: a store in a cluster asks for that.
  {
    name: "atomic: checks hold together, changes are made together",
    async run({ kv, clock, assert }) {
      await kv.put("{t}a", "1");
      const { version } = await kv.getWithMetadata("{t}a", { version: true });
      const committed = await kv
        .atomic()
        .check("{t}a", version)
        .check("{t}b", null)
        .put("{t}b", "two", { metadata: { m: 1 }, expirationTtl: 60 })
        .put("{t}c", new Uint8Array([1, 2, 255]))
        .increment("{t}n", 3)
        .delete("{t}a")
        .commit();
      assert.same(committed.ok, true);
      assert.ok((committed.version ?? 0) > (version ?? 0), "a newer version");
      const expiration = (await clock.nowSeconds()) + 60;
      assert.same((await kv.list()).keys, [
        { name: "{t}b", expiration, metadata: { m: 1 } },
        { name: "{t}c" },
        { name: "{t}n" },
      ]);
      assert.same(await kv.get("{t}c", "arrayBuffer"), new Uint8Array([1, 2, 255]));
      assert.same(await kv.get("{t}n"), "3");
      assert.same((await kv.getWithMetadata("{t}b", { version: true })).version, committed.version);
    },
  },
  {
    name: "atomic: one check that fails leaves everything as it was",
    async run({ kv, assert }) {
      await kv.put("{t}a", "1");
      const { version } = await kv.getWithMetadata("{t}a", { version: true });
      for (const [key, expected] of [
        ["{t}a", null],
        ["{t}a", (version ?? 0) + 1],
        ["{t}missing", version],
      ] as const) {
        const failed = await kv
          .atomic()
          .check("{t}a", version)
          .check(key, expected)
          .put("{t}b", "x")
          .delete("{t}a")
          .commit();
        assert.same(failed, { ok: false, version: null });
      }
      assert.same((await kv.list()).keys, [{ name: "{t}a" }]);
    },
  },
  {
    name: "atomic: what is wrong with one change rejects the commit, and nothing is done",
    async run({ kv, assert }) {
      await assert.rejects(
        () => kv.atomic().put("{t}a", "1").put("", "2").commit(),
        typeError("Key name cannot be empty."),
      );
      await assert.rejects(
        () => kv.atomic().put("{t}a", "1").put("{t}b", "2", { expirationTtl: 5 }).commit(),
        refusal(
          "ATOMIC",
          400,
          "expiration_invalid",
          "Invalid expiration_ttl of 5. Expiration TTL must be at least 60.",
        ),
      );
      await kv.put("{t}text", "text");
      await assert.rejects(() => kv.atomic().put("{t}a", "1").increment("{t}text").commit(), {
        name: "KvError",
        code: "value_not_integer",
      });
      await assert.rejects(
        () =>
          kv
            .atomic()
            .put("{t}a", new ReadableStream() as never)
            .commit(),
        typeError(),
      );
      assert.same((await kv.list()).keys, [{ name: "{t}text" }]);
    },
  },
  {
    name: "atomic: a transfer between two keys never loses or makes anything, with many at once",
    async run({ kv, assert }) {
      await kv.put("{t}from", "100");
      await kv.put("{t}to", "0");
      const transfer = async (): Promise<void> => {
        for (;;) {
          const from = await kv.getWithMetadata<number>("{t}from", { type: "json", version: true });
          const to = await kv.getWithMetadata<number>("{t}to", { type: "json", version: true });
          const { ok } = await kv
            .atomic()
            .check("{t}from", from.version)
            .check("{t}to", to.version)
            .put("{t}from", String((from.value ?? 0) - 1))
            .put("{t}to", String((to.value ?? 0) + 1))
            .commit();
          if (ok) return;
        }
      };
      await Promise.all(Array.from({ length: 10 }, transfer));
      assert.same([await kv.get("{t}from"), await kv.get("{t}to")], ["90", "10"]);
    },
  },
  {
    name: "atomic: commits once, of at most 1,000 operations",
    async run({ kv, assert }) {
      const once = kv.atomic().put("a", "1");
      await once.commit();
      await assert.rejects(() => once.commit(), { name: "KvError", code: "bad_request" });
      let many = kv.atomic();
      for (let at = 0; at < 1001; at++) many = many.put(`key${at}`, "");
      await assert.rejects(() => many.commit(), { name: "KvError", code: "bad_request" });
      assert.same(await kv.count(), 1);
    },
  },
];
