import { refusal, typeError } from "../assert.js";
import type { NamespaceCase } from "../case.js";

export const rangeCases: readonly NamespaceCase[] = [
  {
    name: "count: live entries, all or with a prefix",
    async run({ kv, clock, assert }) {
      assert.same(await kv.count(), 0);
      for (const key of ["a:1", "a:2", "b:1"]) await kv.put(key, "");
      await kv.put("a:3", "", { expirationTtl: 60 });
      assert.same(await kv.count(), 4);
      assert.same(await kv.count({ prefix: "a:" }), 3);
      assert.same(await kv.count({ prefix: "x" }), 0);
      await clock.advance(60_000);
      assert.same(await kv.count({ prefix: "a:" }), 2);
    },
  },
  {
    name: "deletePrefix: deletes what starts with it and nothing else, and says how many",
    async run({ kv, assert }) {
      const keys = ["a", "a:", "a:1", "a:2", "b", "ä"];
      for (const key of keys) await kv.put(key, "");
      assert.same(await kv.deletePrefix("a:", { dryRun: true }), 3);
      assert.same(await kv.count(), 6);
      assert.same(await kv.deletePrefix("a:"), 3);
      assert.same(
        (await kv.list()).keys.map(({ name }) => name),
        ["a", "b", "ä"],
      );
      assert.same(await kv.deletePrefix("a:"), 0);
    },
  },
  {
    name: "deletePrefix: everything only when that is said",
    async run({ kv, loose, assert }) {
      await kv.put("a", "");
      await kv.put("b", "");
      const refused = refusal("DELETE", 400, "bad_request", "An empty prefix would delete every entry");
      await assert.rejects(() => kv.deletePrefix(""), refused);
      await assert.rejects(() => kv.deletePrefix("", { dryRun: true }), refused);
      await assert.rejects(() => loose.deletePrefix(), typeError());
      await assert.rejects(() => loose.deletePrefix(undefined, { all: true }), typeError());
      assert.same(await kv.count(), 2);
      assert.same(await kv.deletePrefix("", { all: true, dryRun: true }), 2);
      assert.same(await kv.deletePrefix("", { all: true }), 2);
      assert.same(await kv.count(), 0);
    },
  },
  {
    name: "deletePrefix: more than one batch",
    async run({ kv, assert }) {
      const keys = Array.from({ length: 2100 }, (_, at) => `a:${at}`);
      await Promise.all(keys.map((key) => kv.put(key, "")));
      await kv.put("b", "");
      assert.same(await kv.deletePrefix("a:"), 2100);
      assert.same(await kv.count(), 1);
    },
  },
];
