import type { KvChange } from "@kvasir/client";
import type { NamespaceCase } from "../case.ts";

export const watchCases: readonly NamespaceCase[] = [
  {
    name: "watch: changes since a version, in order, those made meanwhile included",
    async run({ kv, assert }) {
      const { version } = await kv.put("start", "", { ifAbsent: true });
      await kv.put("a", "1");
      await kv.delete("a");
      const seen = take(kv.watch({ since: version ?? 0 }), 4);
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
    name: "watch: only what starts with the prefix",
    async run({ kv, assert }) {
      const { version } = await kv.put("start", "", { ifAbsent: true });
      const seen = take(kv.watch({ prefix: "a:", since: version ?? 0 }), 2);
      for (const key of ["b:1", "a:1", "a", "a:2"]) await kv.put(key, "");
      assert.same(
        (await seen).map(({ key }) => key),
        ["a:1", "a:2"],
      );
    },
  },
  {
    name: "watch: without a version, from now on",
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
      const { version } = await kv.put("a", "", { ifAbsent: true });
      await kv.put("b", "");
      const changes = kv.watch({ since: version ?? 0 })[Symbol.asyncIterator]();
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
      const { version } = await kv.put("a", "", { ifAbsent: true });
      await kv.put("b", "");
      const seen: string[] = [];
      for await (const { key } of kv.watch({ since: version ?? 0, signal: controller.signal })) {
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
