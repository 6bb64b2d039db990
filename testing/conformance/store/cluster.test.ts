import { FakeClock, type Store } from "@kvasir/store";
import { afterAll, beforeAll } from "vitest";
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

  describeStore("with 16 buckets for each namespace", under("", false));
  describeStore("with one bucket, and linearizable reads", under("?buckets=1&reads=strong", true));
});
