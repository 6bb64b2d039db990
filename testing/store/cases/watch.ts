import type { Change } from "@kvasir/store";
import { describe, expect, test } from "vitest";
import { input, NAMESPACE, type StoreUnderTest, useStore } from "../store-case.js";

export function watchCases(under: StoreUnderTest): void {
  describe("watch", () => {
    const opened = useStore(under);

    test("changes come in order, from the moment of watching on", async () => {
      const { store, put } = opened();
      await put("before", "1");
      const changes = store.watch(NAMESPACE, {});
      const first = await put("a", "1");
      const { version } = await store.increment(NAMESPACE, "n", 1, null);
      await store.delete(NAMESPACE, "a");
      const seen = await take(changes, 3);
      expect(seen.slice(0, 2)).toEqual([
        { type: "put", key: "a", version: first },
        { type: "put", key: "n", version },
      ]);
      expect(seen[2]).toMatchObject({ type: "delete", key: "a" });
      expect(seen[2]?.version).toBeGreaterThan(version);
    });

    test("a watcher that waits is woken", async () => {
      const { store, put } = opened();
      const changes = store.watch(NAMESPACE, {})[Symbol.asyncIterator]();
      const next = changes.next();
      const version = await put("key", "value");
      expect((await next).value).toEqual({ type: "put", key: "key", version });
      await changes.return?.();
    });

    test("only keys with the prefix, and only this namespace", async () => {
      const { store, put } = opened();
      await store.createNamespace({ id: "other", title: "other" });
      const changes = store.watch(NAMESPACE, { prefix: "user/" });
      await put("else", "1");
      await store.put("other", "user/1", input(""));
      const version = await put("user/1", "1");
      expect(await take(changes, 1)).toEqual([{ type: "put", key: "user/1", version }]);
    });

    test("what changes nothing is no change", async () => {
      const { store, put } = opened();
      const changes = store.watch(NAMESPACE, {});
      await store.delete(NAMESPACE, "missing");
      await store.put(NAMESPACE, "key", input("1"), 12_345);
      await store.touch(NAMESPACE, "missing", null);
      const version = await put("key", "1");
      expect(await take(changes, 1)).toEqual([{ type: "put", key: "key", version }]);
    });

    test("since resumes without missing or repeating", async () => {
      const { store } = opened();
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, index) => store.put(NAMESPACE, `key${index}`, input(""))),
      );
      const versions = outcomes.map((outcome) => outcome.version ?? 0);
      const since = versions[19] ?? 0;
      const seen = await take(store.watch(NAMESPACE, { since }), 30);
      expect(seen.map((change) => change.version)).toEqual(versions.slice(20));
    });

    test("an abort ends it", async () => {
      const { store } = opened();
      const abort = new AbortController();
      const changes = store.watch(NAMESPACE, { signal: abort.signal })[Symbol.asyncIterator]();
      const next = changes.next();
      abort.abort();
      expect(await next).toEqual({ done: true, value: undefined });
    });

    test("deleting the namespace ends it with namespace_not_found", async () => {
      const { store } = opened();
      const next = store.watch(NAMESPACE, {})[Symbol.asyncIterator]().next();
      const ended = expect(next).rejects.toMatchObject({ code: "namespace_not_found" });
      await store.deleteNamespace(NAMESPACE);
      await ended;
    });
  });
}

async function take(changes: AsyncIterable<Change>, count: number): Promise<Change[]> {
  const taken: Change[] = [];
  for await (const change of changes) {
    taken.push(change);
    if (taken.length === count) break;
  }
  return taken;
}
