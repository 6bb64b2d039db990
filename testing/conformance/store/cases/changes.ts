import type { Change } from "@kvasir/store";
import { describe, expect, test } from "vitest";
import { input, NAMESPACE, type StoreUnderTest, testWhen, useStore } from "../store-case.js";

export function changeCases(under: StoreUnderTest): void {
  describe("changes", () => {
    const opened = useStore(under);
    const whenStrong = testWhen(under, "strong");

    whenStrong("come in order, from the moment of watching on [strong]", async () => {
      const { store, put } = opened();
      await put("before", "1");
      const changes = store.changes.watch({ namespace: NAMESPACE });
      const first = await put("a", "1");
      const { version } = await store.entries.increment(NAMESPACE, "n", 1, null);
      await store.entries.delete(NAMESPACE, "a");
      const seen = await take(changes, 3);
      expect(seen.slice(0, 2)).toEqual([change("put", "a", first), change("put", "n", version)]);
      expect(seen[2]).toMatchObject({ type: "delete", key: "a" });
      expect(seen[2]?.version).toBeGreaterThan(version);
    });

    test("wake a watcher that waits", async () => {
      const { store, put } = opened();
      const changes = store.changes.watch({ namespace: NAMESPACE })[Symbol.asyncIterator]();
      const next = changes.next();
      const version = await put("key", "value");
      expect((await next).value).toEqual(change("put", "key", version));
      await changes.return?.();
    });

    test("are those of keys with the prefix, in this namespace", async () => {
      const { store, put } = opened();
      await store.namespaces.create({ id: "other", title: "other" });
      const changes = store.changes.watch({ namespace: NAMESPACE, prefix: "user/" });
      await put("else", "1");
      await store.entries.put("other", "user/1", input(""));
      const version = await put("user/1", "1");
      expect(await take(changes, 1)).toEqual([change("put", "user/1", version)]);
    });

    test("are not told of writes that change nothing", async () => {
      const { store, put } = opened();
      const changes = store.changes.watch({ namespace: NAMESPACE });
      await store.entries.delete(NAMESPACE, "missing");
      await store.entries.put(NAMESPACE, "key", input("1"), 12_345);
      await store.entries.touch(NAMESPACE, "missing", null);
      const version = await put("key", "1");
      expect(await take(changes, 1)).toEqual([change("put", "key", version)]);
    });

    test("resume after any position without missing or repeating", async () => {
      const { store } = opened();
      const since = await store.changes.position(NAMESPACE);
      await Promise.all(
        Array.from({ length: 50 }, (_, index) => store.entries.put(NAMESPACE, `key${index}`, input(""))),
      );
      const all = await take(store.changes.watch({ namespace: NAMESPACE, since }), 50);
      expect(new Set(all.map(({ position }) => position)).size).toBe(50);
      for (const at of [0, 19, 48]) {
        const resumed = store.changes.watch({ namespace: NAMESPACE, since: all[at]?.position });
        expect(await take(resumed, 49 - at)).toEqual(all.slice(at + 1));
      }
    });

    test("say up to where all are told, also of keys that are not watched", async () => {
      const { store, put } = opened();
      const passed: string[] = [];
      const told: string[] = [];
      const waiting = (async () => {
        const onPassed = (position: string) => passed.push(position);
        for await (const { key } of store.changes.watch({
          namespace: NAMESPACE,
          prefix: "rare:",
          onPassed,
        })) {
          told.push(key);
          if (key === "rare:last") break;
        }
      })();
      await put("frequent", "1");
      const position = await store.changes.position(NAMESPACE);
      await expect.poll(() => passed.at(-1)).toBe(position);
      await put("rare:first", "1");
      await put("rare:last", "1");
      await waiting;
      expect(told).toEqual(["rare:first", "rare:last"]);
      const resumed = store.changes.watch({ namespace: NAMESPACE, since: position });
      expect((await take(resumed, 2)).map(({ key }) => key)).toEqual(told);
    });

    test("of one commit say that more of it follow, and resume within it, also behind a prefix", async () => {
      const { store } = opened();
      const since = await store.changes.position(NAMESPACE);
      const keys = ["{t}a:1", "{t}b", "{t}a:2", "{t}c"];
      const mutations = keys.map((key) => ({ type: "put" as const, key, ...input("") }));
      const version = (await store.entries.commit(NAMESPACE, [], mutations)) ?? 0;
      await store.entries.delete(NAMESPACE, "{t}a:1");
      const more = (key: string) => ({ ...change("put", key, version), more: true });
      const all = await take(store.changes.watch({ namespace: NAMESPACE, since }), 5);
      expect(all).toEqual([
        ...keys.slice(0, 3).map(more),
        change("put", "{t}c", version),
        expect.objectContaining({ type: "delete", key: "{t}a:1" }),
      ]);
      const some = await take(store.changes.watch({ namespace: NAMESPACE, since, prefix: "{t}a:" }), 3);
      expect(some).toEqual([more("{t}a:1"), change("put", "{t}a:2", version), all[4]]);
      for (const [at, { position }] of all.slice(0, 4).entries()) {
        const rest = store.changes.watch({ namespace: NAMESPACE, since: position });
        expect(await take(rest, 4 - at)).toEqual(all.slice(at + 1));
      }
    });

    test("of all namespaces name theirs", async () => {
      const { store, put } = opened();
      const since = await store.changes.position();
      const fromNow = store.changes.watch({ prefix: "user/" });
      await store.namespaces.create({ id: "other", title: "other" });
      const first = await put("user/1", "1");
      await put("else", "1");
      const { version } = await store.entries.put("other", "user/1", input(""));
      const expected = [
        { ...change("put", "user/1", first), namespace: NAMESPACE },
        { ...change("put", "user/1", version ?? 0), namespace: "other" },
      ];
      const seen = await take(fromNow, 2);
      expect(byNamespace(seen)).toEqual(byNamespace(expected));
      const again = await take(store.changes.watch({ prefix: "user/", since }), 2);
      expect(byNamespace(again)).toEqual(byNamespace(expected));
      const resumed = await take(store.changes.watch({ prefix: "user/", since: seen[0]?.position }), 1);
      expect(resumed).toEqual([seen[1]]);
    });

    test("of all namespaces wake a watcher that waits, and go on when one is deleted", async () => {
      const { store, put } = opened();
      await store.namespaces.create({ id: "other", title: "other" });
      const changes = store.changes.watch({})[Symbol.asyncIterator]();
      const next = changes.next();
      await store.namespaces.delete("other");
      await put("key", "1");
      expect((await next).value).toMatchObject({ namespace: NAMESPACE, key: "key" });
      const after = changes.next();
      await store.namespaces.create({ id: "third", title: "third" });
      await store.entries.put("third", "key", input(""));
      expect((await after).value).toMatchObject({ namespace: "third", key: "key" });
      await changes.return?.();
    });

    test("begin at the newest position", async () => {
      const { store, put } = opened();
      await put("before", "1");
      const since = await store.changes.position(NAMESPACE);
      const version = await put("after", "1");
      expect(await take(store.changes.watch({ namespace: NAMESPACE, since }), 1)).toEqual([
        change("put", "after", version),
      ]);
      await put("large", "x".repeat(5000));
      const newest = await store.changes.position(NAMESPACE);
      const next = store.changes
        .watch({ namespace: NAMESPACE, since: newest })
        [Symbol.asyncIterator]()
        .next();
      await store.entries.put(NAMESPACE, "last", input(""));
      expect((await next).value).toMatchObject({ key: "last" });
    });

    test("since a position that never was are watch_behind: older data took the place of newer", async () => {
      const { store, put } = opened();
      const other = await under.open();
      await other.store.namespaces.create({ id: NAMESPACE, title: "Newer" });
      for (let at = 0; at < 100; at++) await other.store.entries.put(NAMESPACE, `key${at}`, input(""));
      const since = await other.store.changes.position(NAMESPACE);
      await other.store.close();
      await put("key", "1");
      await expect(take(store.changes.watch({ namespace: NAMESPACE, since }), 1)).rejects.toMatchObject({
        code: "watch_behind",
      });
    });

    test.each(["", "no position", "-1", "\n", "x".repeat(10_000)])(
      "since %j are refused by the call",
      (since) => {
        const { store } = opened();
        expect(() => store.changes.watch({ namespace: NAMESPACE, since })).toThrow(
          expect.objectContaining({ code: "bad_request" }),
        );
      },
    );

    test("are not those of a namespace that does not exist", async () => {
      const { store } = opened();
      const missing = { code: "namespace_not_found" };
      await expect(async () => store.changes.position("missing")).rejects.toMatchObject(missing);
      await expect(async () => take(store.changes.watch({ namespace: "missing" }), 1)).rejects.toMatchObject(
        missing,
      );
    });

    test("end with an abort", async () => {
      const { store } = opened();
      const abort = new AbortController();
      const query = { namespace: NAMESPACE, signal: abort.signal };
      const next = store.changes.watch(query)[Symbol.asyncIterator]().next();
      abort.abort();
      expect(await next).toEqual({ done: true, value: undefined });
    });

    test("end with their namespace, also when one with the same id takes its place at once", async () => {
      const { store } = opened();
      const next = store.changes.watch({ namespace: NAMESPACE })[Symbol.asyncIterator]().next();
      const ended = expect(next).rejects.toMatchObject({ code: "namespace_not_found" });
      await Promise.all([
        store.namespaces.delete(NAMESPACE),
        store.namespaces.create({ id: NAMESPACE, title: "Again" }),
        store.entries.put(NAMESPACE, "key", input("")),
      ]);
      await ended;
    });

    test("end with their namespace", async () => {
      const { store } = opened();
      const next = store.changes.watch({ namespace: NAMESPACE })[Symbol.asyncIterator]().next();
      const ended = expect(next).rejects.toMatchObject({ code: "namespace_not_found" });
      await store.namespaces.delete(NAMESPACE);
      await ended;
    });
  });
}

function change(type: Change["type"], key: string, version: number) {
  return { type, key, version, position: expect.any(String) };
}

/** Changes of different namespaces have no order among each other. */
function byNamespace<C extends { readonly namespace?: string }>(changes: readonly C[]): readonly C[] {
  return [...changes].sort((a, b) => ((a.namespace ?? "") < (b.namespace ?? "") ? -1 : 1));
}

async function take(changes: AsyncIterable<Change>, count: number): Promise<Change[]> {
  const taken: Change[] = [];
  for await (const change of changes) {
    taken.push(change);
    if (taken.length === count) break;
  }
  return taken;
}
