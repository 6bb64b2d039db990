/**
 * Nodes of a cluster are killed, stopped and started again while clients write: no acknowledged write is lost,
 * no condition has two winners, counters count what was acknowledged and at most what was in doubt, and versions
 * never fall.
 *
 * On one machine a kill alone loses little: what was written to a socket still arrives. Partitions are in
 * cluster-faults.test.ts.
 */
import { open } from "@kvasir/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { partitionsOf } from "../../packages/store/src/engines/cluster/layout.js";
import { REDIS_SERVER, RedisCluster } from "../harness/redis-cluster.js";
import { describeWith } from "../harness/requirements.js";
import { ClusterLoad } from "./workload/cluster-load.js";

describeWith(REDIS_SERVER, "while clients write to a cluster of 3+3", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
  });
  afterAll(() => cluster.stop());

  /** Runs the load while `fault` happens, and some time after the cluster is whole again. */
  async function during(name: string, fault: () => Promise<void>): Promise<ClusterLoad> {
    const database = open(cluster.locator(name));
    try {
      const load = await ClusterLoad.start(database);
      await load.untilAcknowledged(300);
      await fault();
      await cluster.whole();
      await load.untilAcknowledged(300);
      await load.stop();
      await load.verify();
      return load;
    } finally {
      await database.close();
    }
  }

  /** The primary of the store's first partition: it has the catalog, which every namespace needs. */
  const victim = () => cluster.primaryOf(partitionsOf("any")[0]?.slot ?? 0);

  test("a primary is killed, replaced, and comes back", async () => {
    const load = await during("killed", async () => {
      const primary = await victim();
      await primary.kill();
      await expect.poll(async () => (await victim()) !== primary).toBe(true);
      await primary.start();
    });
    expect(load.unavailable + load.inDoubt).toBeGreaterThan(0);
  });

  test("a primary is killed and is back before it is replaced", async () => {
    await during("back", async () => {
      const primary = await victim();
      await primary.kill();
      await primary.start();
    });
  });

  test("a primary stops, is replaced, and goes on with what it had", async () => {
    await during("stopped", async () => {
      const primary = await victim();
      primary.pause();
      await expect.poll(async () => await replaced(primary.port)).toBe(true);
      primary.resume();
    });
  });

  test("a replica is gone: its shard takes no writes and says why, the others go on, and all of them are read", async () => {
    const primary = await victim();
    const [replica] = await cluster.replicasOf(primary);
    const database = open(cluster.locator("alone"));
    const keys = database.namespace("keys");
    const all = Array.from({ length: 60 }, (_, at) => `key${at}`);
    await Promise.all(all.map((key) => keys.put(key, "before")));
    await replica?.kill();
    const outcomes = await Promise.allSettled(all.map((key) => keys.put(key, "after")));
    const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(all.length);
    for (const { code } of refused) expect(["unavailable", "outcome_unknown"]).toContain(code);
    const { id } = await database.catalog.ensureTitle("keys");
    const rest = { value: Buffer.from("after"), expirationMs: null, metadata: null, contentType: null };
    const bulk = all.map((key) => ({ type: "put", key, ...rest }) as const);
    const again = await Promise.allSettled([
      keys.put(all[outcomes.findIndex(isRejected)] ?? "", "again"),
      database.store.entries.writeMany(id, bulk),
    ]);
    expect(again).toMatchObject([
      { reason: { code: "unavailable", message: expect.stringMatching(/0 of 1 replicas of .* are there/) } },
      // Some shards have taken their part, so it would be wrong to say that nothing was changed.
      {
        reason: {
          code: "outcome_unknown",
          message: expect.stringMatching(/^Some of the writes were made, /),
        },
      },
    ]);
    for (const key of all) expect(["before", "after"]).toContain(await keys.get(key));
    expect((await keys.list()).keys).toHaveLength(all.length);
    await replica?.start();
    await cluster.whole();
    await Promise.all(all.map((key) => keys.put(key, "whole")));
    await database.close();
  });

  test("the shard of the catalog is gone: keys of the others are read and written", async () => {
    const primary = await victim();
    const killed = [primary, ...(await cluster.replicasOf(primary))];
    const database = open(cluster.locator("without", "?reads=strong"));
    const keys = database.namespace("keys");
    const all = Array.from({ length: 40 }, (_, at) => `key${at}`);
    await Promise.all(all.map((key) => keys.put(key, key)));
    await Promise.all(killed.map((node) => node.kill()));
    const read = await Promise.allSettled(all.map((key) => keys.get(key)));
    // By now the record of the namespace is older than it may be without a look.
    const others = all.filter((_, at) => read[at]?.status === "fulfilled");
    expect(others.length).toBeGreaterThan(0);
    expect(others.length).toBeLessThan(all.length);
    for (const key of others) {
      expect(await keys.get(key)).toBe(key);
      await keys.put(key, "written");
    }
    await Promise.all(killed.map((node) => node.start()));
    await cluster.whole();
    await database.close();
  });

  test("all nodes are killed and started again", async () => {
    await during("all", async () => {
      await Promise.all(cluster.nodes.map((node) => node.kill()));
      await Promise.all(cluster.nodes.map((node) => node.start()));
    });
  });

  /** Whether another node serves the slots of the node on `port`, which does not reply. */
  async function replaced(port: number): Promise<boolean> {
    const others = cluster.nodes.filter((node) => node.port !== port);
    const views = await Promise.all(others.map((node) => node.topology()));
    return views.every(({ nodes }) => nodes.every((seen) => seen.port !== port || seen.slots.length === 0));
  }
});

function isRejected({ status }: PromiseSettledResult<unknown>): boolean {
  return status === "rejected";
}
