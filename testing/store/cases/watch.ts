import type { Change } from "@kvasir/store";
import { describe, expect, test } from "vitest";
import { input, NAMESPACE, type StoreUnderTest, useStore } from "../store-case.js";

export function watchCases(under: StoreUnderTest): void {
  describe("watch", () => {
    const opened = useStore(under);
    const whenStrong = test.skipIf(under.strong === false);

    whenStrong("changes come in order, from the moment of watching on [strong]", async () => {
      const { store, put } = opened();
      await put("before", "1");
      const changes = store.changes.watch(NAMESPACE, {});
      const first = await put("a", "1");
      const { version } = await store.entries.increment(NAMESPACE, "n", 1, null);
      await store.entries.delete(NAMESPACE, "a");
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
      const changes = store.changes.watch(NAMESPACE, {})[Symbol.asyncIterator]();
      const next = changes.next();
      const version = await put("key", "value");
      expect((await next).value).toEqual({ type: "put", key: "key", version });
      await changes.return?.();
    });

    test("only keys with the prefix, and only this namespace", async () => {
      const { store, put } = opened();
      await store.namespaces.create({ id: "other", title: "other" });
      const changes = store.changes.watch(NAMESPACE, { prefix: "user/" });
      await put("else", "1");
      await store.entries.put("other", "user/1", input(""));
      const version = await put("user/1", "1");
      expect(await take(changes, 1)).toEqual([{ type: "put", key: "user/1", version }]);
    });

    test("what changes nothing is no change", async () => {
      const { store, put } = opened();
      const changes = store.changes.watch(NAMESPACE, {});
      await store.entries.delete(NAMESPACE, "missing");
      await store.entries.put(NAMESPACE, "key", input("1"), 12_345);
      await store.entries.touch(NAMESPACE, "missing", null);
      const version = await put("key", "1");
      expect(await take(changes, 1)).toEqual([{ type: "put", key: "key", version }]);
    });

    test("since resumes without missing or repeating", async () => {
      const { store } = opened();
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, index) => store.entries.put(NAMESPACE, `key${index}`, input(""))),
      );
      const versions = outcomes.map((outcome) => outcome.version ?? 0);
      const since = versions[19] ?? 0;
      const seen = await take(store.changes.watch(NAMESPACE, { since }), 30);
      expect(seen.map((change) => change.version)).toEqual(versions.slice(20));
    });

    test("says up to where it has told all, also of what it does not watch", async () => {
      const { store, put } = opened();
      const passed: number[] = [];
      const told: string[] = [];
      const changes = store.changes.watch(NAMESPACE, {
        prefix: "rare:",
        onPassed: (version) => passed.push(version),
      });
      const waiting = (async () => {
        for await (const { key, version } of changes) {
          expect(passed.every((place) => place < version)).toBe(true);
          told.push(key);
          if (key === "rare:last") break;
        }
      })();
      const version = await put("frequent", "1");
      await expect.poll(() => passed.at(-1)).toBe(version);
      await put("rare:first", "1");
      await put("rare:last", "1");
      await waiting;
      expect(told).toEqual(["rare:first", "rare:last"]);
    });

    test("the changes of one commit say that more of its version follow, also behind a prefix", async () => {
      const { store } = opened();
      const before = await store.changes.version();
      const commit = await store.entries.commit(
        NAMESPACE,
        [],
        ["a:1", "b", "a:2", "c"].map((key) => ({ type: "put" as const, key, ...input("") })),
      );
      const after = await store.entries.delete(NAMESPACE, "a:1").then(() => store.changes.version());
      const change = (type: Change["type"], key: string, version: number, more?: true) => ({
        type,
        key,
        version,
        ...(more && { more }),
      });
      expect(await take(store.changes.watch(NAMESPACE, { since: before }), 5)).toEqual([
        change("put", "a:1", commit ?? 0, true),
        change("put", "b", commit ?? 0, true),
        change("put", "a:2", commit ?? 0, true),
        change("put", "c", commit ?? 0),
        change("delete", "a:1", after),
      ]);
      expect(await take(store.changes.watch(NAMESPACE, { since: before, prefix: "a:" }), 3)).toEqual([
        change("put", "a:1", commit ?? 0, true),
        change("put", "a:2", commit ?? 0),
        change("delete", "a:1", after),
      ]);
    });

    test("the newest version is where a watch can begin", async () => {
      const { store, put } = opened();
      await put("before", "1");
      const since = await store.changes.version();
      const version = await put("after", "1");
      expect(await take(store.changes.watch(NAMESPACE, { since }), 1)).toEqual([
        { type: "put", key: "after", version },
      ]);
      await put("large", "x".repeat(5000));
      const next = store.changes
        .watch(NAMESPACE, { since: await store.changes.version() })
        [Symbol.asyncIterator]()
        .next();
      await store.entries.put(NAMESPACE, "last", input(""));
      expect((await next).value).toMatchObject({ key: "last" });
    });

    test("since a version that never was is watch_behind: older data took the place of newer", async () => {
      const { store } = opened();
      const since = (await store.changes.version()) + 1;
      await expect(take(store.changes.watch(NAMESPACE, { since }), 1)).rejects.toMatchObject({
        code: "watch_behind",
      });
    });

    test("an abort ends it", async () => {
      const { store } = opened();
      const abort = new AbortController();
      const changes = store.changes.watch(NAMESPACE, { signal: abort.signal })[Symbol.asyncIterator]();
      const next = changes.next();
      abort.abort();
      expect(await next).toEqual({ done: true, value: undefined });
    });

    test("deleting the namespace ends it, also when one with the same id takes its place at once", async () => {
      const { store } = opened();
      const next = store.changes.watch(NAMESPACE, {})[Symbol.asyncIterator]().next();
      const ended = expect(next).rejects.toMatchObject({ code: "namespace_not_found" });
      await Promise.all([
        store.namespaces.delete(NAMESPACE),
        store.namespaces.create({ id: NAMESPACE, title: "Again" }),
        store.entries.put(NAMESPACE, "key", input("")),
      ]);
      await ended;
    });

    test("deleting the namespace ends it with namespace_not_found", async () => {
      const { store } = opened();
      const next = store.changes.watch(NAMESPACE, {})[Symbol.asyncIterator]().next();
      const ended = expect(next).rejects.toMatchObject({ code: "namespace_not_found" });
      await store.namespaces.delete(NAMESPACE);
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
