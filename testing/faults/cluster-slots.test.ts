/**
 * A slot that is halfway on its way to another node, and a replica that does not reply: what is refused meanwhile
 * is tried again, and nothing is decided by what only one node knows.
 */
import { FakeClock, open } from "@kvasir/store";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { REDIS_SERVER, RedisCluster, type RedisNode } from "../harness/redis-cluster.js";
import { describeWith } from "../harness/requirements.js";

describeWith(REDIS_SERVER, "a bucket of a cluster", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
  });
  afterAll(() => cluster.stop());

  /** A namespace of one bucket, and the slot in which it lies. */
  async function namespaceOf(name: string) {
    const clock = new FakeClock(Date.now());
    const database = open(cluster.locator(name, "?buckets=1"), { clock });
    onTestFinished(() => database.close());
    const kv = database.namespace("keys");
    await kv.put("key", "value", { expirationTtl: 60 });
    const found = await Promise.all(cluster.nodes.map((node) => node.ask("KEYS", `${name}:*e:*`)));
    const entries = String(found.flatMap((keys) => keys as readonly Buffer[])[0]);
    const slot = Number(await cluster.nodes[0]?.ask("CLUSTER", "KEYSLOT", entries));
    return { kv, clock, store: database.store, entries, index: entries.replace("e:", "i:"), slot };
  }

  /** Begins to move a slot, and moves one of its keys. Returns what ends it. */
  async function halfMoved(slot: number, key: string) {
    const from = await cluster.primaryOf(slot);
    const views = await Promise.all(cluster.nodes.map((node) => node.view()));
    const to = cluster.nodes.find((node, at) => node !== from && views[at]?.isPrimary) as RedisNode;
    const move = (...keys: readonly string[]) =>
      from.ask("MIGRATE", to.host, to.port, "", 0, 5000, "KEYS", ...keys);
    await to.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", await from.id());
    await from.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", await to.id());
    await move(key);
    const refusals = async () => {
      const texts = await Promise.all([from, to].map((node) => node.ask("INFO", "errorstats")));
      return texts
        .map((text) => Number(/TRYAGAIN:count=(\d+)/.exec(String(text))?.[1] ?? 0))
        .reduce((sum, count) => sum + count, 0);
    };
    const before = await refusals();
    return {
      /** Resolves when a node has refused `work`, or it has ended. */
      async untilRefused(work: Promise<unknown>): Promise<void> {
        let hasEnded = false;
        const end = () => {
          hasEnded = true;
        };
        work.then(end, end);
        await expect.poll(async () => hasEnded || (await refusals()) > before).toBe(true);
      },
      async finish(): Promise<void> {
        const left = (await from.ask("CLUSTER", "GETKEYSINSLOT", slot, 100)) as readonly Buffer[];
        if (left.length > 0) await move(...left.map(String));
        for (const node of [to, from]) await node.ask("CLUSTER", "SETSLOT", slot, "NODE", await to.id());
      },
    };
  }

  test("is not swept by half while its slot moves", async () => {
    const { kv, clock, store, index, slot } = await namespaceOf("swept");
    const moving = await halfMoved(slot, index);
    await clock.advance(61_000);
    const sweeping = Promise.resolve(store.maintenance.sweep?.());
    await moving.untilRefused(sweeping);
    await moving.finish();
    await sweeping;
    await store.maintenance.sweep?.();
    expect(await kv.count()).toBe(0);
    expect(await (await cluster.primaryOf(slot)).ask("EXISTS", index)).toBe(0);
  });

  test("takes a large value when its slot has moved", async () => {
    const { kv, entries, slot } = await namespaceOf("large");
    const large = "x".repeat(2_000_000);
    const moving = await halfMoved(slot, entries);
    const putting = kv.put("large", large);
    await moving.untilRefused(putting);
    await moving.finish();
    await putting;
    expect(await kv.get("large")).toBe(large);
  });

  test("loses no change when a large value is replaced that has moved already", async () => {
    const { kv, slot, entries } = await namespaceOf("replaced");
    await kv.put("large", "x".repeat(100_000));
    const position = await kv.position();
    const [blob = ""] = (
      (await (await cluster.primaryOf(slot)).ask("KEYS", "replaced:*b:*")) as Buffer[]
    ).map(String);
    const moving = await halfMoved(slot, blob);
    await kv.put("large", "small");
    await moving.finish();
    expect(await kv.get("large")).toBe("small");
    for await (const change of kv.watch({ since: position })) {
      expect(change).toMatchObject({ type: "put", key: "large" });
      break;
    }
    const to = await cluster.primaryOf(slot);
    expect(await to.ask("EXISTS", entries)).toBe(1);
    await expect.poll(() => to.ask("PTTL", blob)).toBeGreaterThan(0);
  });

  test("does not say that a check failed before the replica confirms what was seen", async () => {
    const catalog = await cluster.primaryOf(0);
    let [at, bucket] = [0, await namespaceOf("checked0")];
    // Otherwise the replica's position is that of the lease of whoever sweeps, and never at rest.
    while ((await cluster.primaryOf(bucket.slot)) === catalog) bucket = await namespaceOf(`checked${++at}`);
    const primary = await cluster.primaryOf(bucket.slot);
    const [replica] = await cluster.replicasOf(primary);
    await expect
      .poll(async () => {
        const text = String(await primary.ask("INFO", "replication"));
        const [, offset] = /master_repl_offset:(\d+)/.exec(text) ?? [];
        return text.includes(`,offset=${offset},`);
      })
      .toBe(true);
    replica?.pause();
    onTestFinished(() => replica?.resume());
    const commit = bucket.kv.atomic().check("key", null).put("key", "new").commit();
    await expect(commit).rejects.toMatchObject({ code: "outcome_unknown" });
  });
});
