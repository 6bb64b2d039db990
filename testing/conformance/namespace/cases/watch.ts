import type { KvChange } from "@kvasir/client";
import type { NamespaceCase } from "../case.js";

export const watchCases: readonly NamespaceCase[] = [
  {
    name: "watch: changes since a position, in order, those made meanwhile included",
    async run({ kv, assert }) {
      await kv.put("before", "");
      const since = await kv.position();
      await kv.put("a", "1");
      await kv.delete("a");
      const seen = take(kv.watch({ since }), 4);
      await kv.put("b", "1");
      await kv.increment("n");
      const changes = await seen;
      assert.same(
        changes.map(({ type, key }) => [type, key]),
        [
          ["put", "a"],
          ["delete", "a"],
          ["put", "b"],
          ["put", "n"],
        ],
      );
      const versions = changes.map((change) => change.version);
      assert.same(
        versions,
        [...versions].sort((a, b) => a - b),
      );
      assert.same((await kv.getWithMetadata("n", { version: true })).version, versions[3]);
    },
  },
  {
    name: "watch: since the position of any change it goes on with the next, also within a commit",
    async run({ kv, assert }) {
      const since = await kv.position();
      await kv.put("a", "1");
      await kv.atomic().put("{b}1", "1").put("c{b}", "1").put("{b}2", "1").commit();
      await kv.delete("a");
      const keys = ["a", "{b}1", "c{b}", "{b}2", "a"];
      const changes = await take(kv.watch({ since }), 5);
      assert.same(
        changes.map(({ key }) => key),
        keys,
      );
      assert.same(
        changes.map(({ more }) => more === true),
        [false, true, true, false, false],
      );
      for (const [at, { position }] of changes.slice(0, 4).entries()) {
        const rest = await take(kv.watch({ since: position }), 4 - at);
        assert.same(
          rest.map(({ key, position }) => `${key} ${position}`),
          changes.slice(at + 1).map(({ key, position }) => `${key} ${position}`),
        );
      }
      const first = changes[1]?.position;
      const [second] = await take(kv.watch({ since: first, prefix: "{b}" }), 1);
      assert.same([second?.key, second?.more === true], ["{b}2", false]);
    },
  },
  {
    name: "watch: refuses a version, and other text that is not a position",
    async run({ kv, assert }) {
      const { version } = await kv.put("a", "", { ifAbsent: true });
      for (const since of [String(version), version as never, "x y", "é"]) {
        await assert.rejects(() => take(kv.watch({ since }), 1), { name: "KvError", code: "bad_request" });
      }
    },
  },
  {
    name: "watch: only what starts with the prefix",
    async run({ kv, assert }) {
      const since = await kv.position();
      const seen = take(kv.watch({ prefix: "a:", since }), 2);
      for (const key of ["b:1", "a:1", "a", "a:2"]) await kv.put(key, "");
      assert.same(
        (await seen).map(({ key }) => key),
        ["a:1", "a:2"],
      );
    },
  },
  {
    name: "watch: without a position, from now on",
    async run({ kv, assert }) {
      await kv.put("before", "");
      const controller = new AbortController();
      const first = take(kv.watch({ signal: controller.signal }), 1);
      // The first change that arrives shows that the watch has begun, so keep writing until then.
      let done = false;
      void first.finally(() => {
        done = true;
      });
      for (let at = 0; !done; at++) await kv.put(`after:${at}`, "");
      assert.ok((await first)[0]?.key.startsWith("after:"), "only what came after");
      controller.abort();
    },
  },
  {
    name: "watch: ends with return() while it waits for a change",
    async run({ kv, assert }) {
      const since = await kv.position();
      await kv.put("b", "");
      const changes = kv.watch({ since })[Symbol.asyncIterator]();
      assert.same((await changes.next()).value?.key, "b");
      const waiting = changes.next();
      await changes.return?.();
      assert.same((await waiting).done, true);
    },
  },
  {
    name: "watch: ends when its signal is aborted",
    async run({ kv, assert }) {
      const controller = new AbortController();
      const since = await kv.position();
      await kv.put("b", "");
      const seen: string[] = [];
      for await (const { key } of kv.watch({ since, signal: controller.signal })) {
        seen.push(key);
        controller.abort();
      }
      assert.same(seen, ["b"]);
    },
  },
];

async function take(changes: AsyncIterable<KvChange>, count: number): Promise<KvChange[]> {
  const taken: KvChange[] = [];
  for await (const change of changes) if (taken.push(change) === count) break;
  return taken;
}
