import { FakeClock, type Store } from "@kvasir/store";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { openClusterStore } from "../../../packages/store/src/engines/cluster/open.js";
import { REDIS_SERVER, RedisCluster } from "../../harness/redis-cluster.js";
import { describeWith } from "../../harness/requirements.js";
import type { OpenedStore, StoreUnderTest } from "./store-case.js";
import { describeStore } from "./store-suite.js";

describeWith(REDIS_SERVER, "a cluster of three primaries and three replicas", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
  });
  afterAll(() => cluster.stop());

  let count = 0;
  const names = new WeakMap<Store, string>();
  function openNamed(name: string, clock: FakeClock, options: string): OpenedStore {
    const rest = cluster.locator(name, options).slice("valkey://".length);
    const store = openClusterStore(rest, { clock }, { tls: false });
    names.set(store, name);
    return { store, clock };
  }
  const nameOf = (store: Store) => names.get(store) ?? "";

  function under(options: string, atomicAcrossKeys: boolean): StoreUnderTest {
    return {
      supports: { atomicAcrossKeys, durable: true, multiProcess: true, strong: true },
      // Six servers share the machine with the test, and every one of them flushes each write.
      expiredEntries: 20_000,
      open: async () => openNamed(`case${count++}`, new FakeClock(), options),
      reopen: async ({ store, clock }) => {
        await store.close();
        return openNamed(nameOf(store), clock, options);
      },
      openAgain: async ({ store, clock }) => openNamed(nameOf(store), clock, options),
    };
  }

  test("an entry that another program has spoilt fails its own writes, and none that share their script", async () => {
    const { store } = openNamed("spoilt", new FakeClock(), "");
    onTestFinished(() => store.close());
    await store.namespaces.create({ id: "n", title: "n" });
    const put = (key: string) =>
      store.entries.put("n", key, {
        value: Buffer.from("v"),
        expirationMs: null,
        metadata: null,
        contentType: null,
      });
    await put("{tag}a");
    for (const node of cluster.nodes) {
      const keys = (await node.ask("KEYS", "spoilt:{*}e:*")) as readonly Buffer[];
      for (const key of keys) {
        // A replica refuses.
        await node.ask("HSET", String(key), "{tag}a", "short").catch(() => {});
      }
    }
    const [spoilt, ...others] = await Promise.allSettled([put("{tag}a"), put("{tag}b"), put("{tag}c")]);
    expect(spoilt).toMatchObject({ reason: { code: "storage_corrupt" } });
    expect(others).toMatchObject([{ value: { ok: true } }, { value: { ok: true } }]);
    const commit = store.entries.commit(
      "n",
      [{ key: "{tag}a", version: null }],
      [{ type: "delete", key: "{tag}b" }],
    );
    await expect(commit).rejects.toMatchObject({ code: "storage_corrupt" });
    expect(await store.entries.get("n", "{tag}b")).not.toBe(null);
  });

  test("operations of one turn on a bucket are one command for their node", async () => {
    const { store } = openNamed("joined", new FakeClock(), "");
    onTestFinished(() => store.close());
    await store.namespaces.create({ id: "n", title: "n" });
    const keys = Array.from({ length: 64 }, (_, at) => `{tag}${at}`);
    const input = { value: Buffer.from("v"), expirationMs: null, metadata: null, contentType: null };
    const calls = async (command: string) => {
      const stats = await Promise.all(cluster.nodes.map((node) => node.ask("INFO", "commandstats")));
      const found = stats.map(
        (text) => new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(String(text))?.[1],
      );
      return found.reduce((sum, count) => sum + Number(count ?? 0), 0);
    };
    // Now nothing but the operations themselves is on the way.
    await store.entries.put("n", "{tag}first", input);
    const scripts = await calls("evalsha");
    const versions = await Promise.all(keys.map((key) => store.entries.put("n", key, input)));
    // The sweeper may run one, and the first operation may go ahead of the others.
    expect((await calls("evalsha")) - scripts).toBeLessThan(keys.length / 4);
    expect(new Set(versions.map(({ version }) => version)).size).toBe(keys.length);
    const entries = await Promise.all(keys.map((key) => store.entries.get("n", key)));
    expect(entries.map((entry) => entry?.version)).toEqual(versions.map(({ version }) => version));
  });

  describeStore("with 16 buckets for each namespace", under("", false));
  describeStore("with one bucket, and linearizable reads", under("?buckets=1&reads=strong", true));
});
