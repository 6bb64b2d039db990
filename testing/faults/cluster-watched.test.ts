/**
 * A cluster whose settings, nodes or shape change while a store uses it. The check that is due every minute tells
 * each problem once, by the name of the setting. Writes are refused only where the promise that an acknowledged
 * write lasts would not hold, until it is right again.
 */
import { type Database, FakeClock, type KvError, open } from "@kvasir/store";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { REDIS_SERVER, RedisCluster, type RedisNode } from "../harness/redis-cluster.js";
import { describeWith } from "../harness/requirements.js";

const MINUTE_MS = 60_000;
const timeout = 60_000;

interface Watched {
  readonly database: Database;
  readonly clock: FakeClock;
  /** What was told so far. */
  readonly told: string[];
  /** Lets the check be due, and waits until it was made. */
  check(): Promise<void>;
}

describeWith(REDIS_SERVER, "a cluster that changes while it is used", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
  });
  afterAll(() => cluster.stop());

  async function watch(name: string, options = ""): Promise<Watched> {
    const clock = new FakeClock(Date.now());
    const told: string[] = [];
    const database = open(cluster.locator(name, options), {
      clock,
      onProblem: ({ message }: KvError) => told.push(message),
    });
    onTestFinished(() => database.close());
    await database.namespace("keys").put("key", "value");
    return {
      database,
      clock,
      told,
      async check() {
        clock.advance(MINUTE_MS);
        await clock.settled();
      },
    };
  }
  const figuresOf = async ({ database }: Watched) => {
    const figures = await database.store.maintenance.cluster?.();
    if (figures === undefined) throw new Error("A store in a cluster has figures of it.");
    return figures;
  };
  const placeOf = ({ port }: RedisNode) => `127.0.0.1:${port}`;

  test("a setting that breaks the promise refuses writes, is told once, and passes", {
    timeout,
  }, async () => {
    const changes = [
      ["appendonly", "no", "yes"],
      ["appendfsync", "everysec", "always"],
      ["no-appendfsync-on-rewrite", "yes", "no"],
      ["maxmemory-policy", "allkeys-lru", "noeviction"],
      ["repl-diskless-load", "on-empty-db", "disabled"],
      ["cluster-replica-validity-factor", "0", "10"],
      ["cluster-allow-replica-migration", "yes", "no"],
    ] as const;
    const watched = await watch("settings");
    const { database, told, check } = watched;
    const keys = database.namespace("keys");
    await check();
    expect(told).toEqual([]);
    for (const [at, [name, wrong]] of changes.entries()) {
      await cluster.nodes[at % 6]?.ask("CONFIG", "SET", name, wrong);
    }
    await check();
    await check();
    expect(told.length).toBe(changes.length);
    for (const [at, [name, wrong, right]] of changes.entries()) {
      const where = `127.0.0.1:${cluster.nodes[at % 6]?.port}`;
      const sentence = told.find((text) => text.startsWith(`${where} has ${name} set to "${wrong}"`));
      expect(sentence).toMatch(new RegExp(`Set it to ${right}\\.$`));
    }
    expect((await figuresOf(watched)).problems.map(({ name, refuses }) => [name, refuses]).sort()).toEqual(
      changes.map(([name]) => [name, true]).sort(),
    );
    const refused = { code: "unsupported", message: expect.stringContaining("appendfsync") };
    await expect(keys.put("key", "refused")).rejects.toMatchObject(refused);
    await expect(database.store.health()).rejects.toMatchObject(refused);
    expect(await keys.get("key")).toBe("value");
    for (const [at, [name, , right]] of changes.entries()) {
      await cluster.nodes[at % 6]?.ask("CONFIG", "SET", name, right);
    }
    await check();
    await keys.put("key", "again");
    await database.store.health();
    expect(told.length).toBe(changes.length);
  });

  test("a replica of another shard is told: one primary has one too many, the other none", {
    timeout,
  }, async () => {
    const watched = await watch("shape");
    const [, two, three, , five] = cluster.nodes as [RedisNode, RedisNode, RedisNode, RedisNode, RedisNode];
    const move = async (to: RedisNode) => {
      await five.ask("CLUSTER", "REPLICATE", String(await to.ask("CLUSTER", "MYID")));
      await expect.poll(async () => (await to.view()).following).toBe(to === three ? 2 : 1);
    };
    expect((await two.view()).isPrimary && (await three.view()).isPrimary).toBe(true);
    await move(three);
    await expect
      .poll(async () => {
        await watched.check();
        return watched.told.toSorted();
      })
      .toEqual(
        [
          expect.stringMatching(`^0 of the 1 replicas of the primary ${placeOf(two)} follow it: .*refused`),
          expect.stringMatching(`^The primary ${placeOf(three)} has 2 replicas instead of 1: .*replicas=2`),
        ].toSorted((a, b) => String(a).localeCompare(String(b))),
      );
    await expect(watched.database.namespace("keys").put("key", "x")).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("has 2 replicas instead of 1"),
    });
    await move(two);
    await cluster.whole();
    await expect
      .poll(async () => {
        await watched.check();
        return (await figuresOf(watched)).problems;
      })
      .toEqual([]);
    await watched.database.namespace("keys").put("key", "again");
  });

  test("nodes that are away are told and shown; the other shards go on, and so does health", {
    timeout,
  }, async () => {
    const watched = await watch("away");
    // Not the one with the catalog, which every sweep reads.
    const [, one] = cluster.nodes as [RedisNode, RedisNode];
    const [replica] = await cluster.replicasOf(one);
    await replica?.kill();
    await expect
      .poll(async () => {
        await watched.check();
        return watched.told.some((text) => text.startsWith("0 of the 1"));
      })
      .toBe(true);
    await one.kill();
    await expect
      .poll(async () => {
        await watched.check();
        return watched.told.some((text) => text.startsWith(`The primary ${placeOf(one)} is away`));
      })
      .toBe(true);
    const figures = await figuresOf(watched);
    expect(figures.slotsUnserved).toBe(5462);
    const states = figures.nodes.map(({ address, state }) => [address, state]);
    expect(Object.fromEntries(states)).toMatchObject({ [placeOf(one)]: "away" });
    expect(states.filter(([, state]) => state === "up").length).toBe(4);
    expect(figures.problems.every(({ refuses }) => !refuses)).toBe(true);
    await watched.database.store.health();
    await Promise.all(cluster.nodes.map((node) => node.kill()));
    watched.clock.advance(MINUTE_MS);
    await expect
      .poll(async () => {
        try {
          await watched.database.store.health();
          return "healthy";
        } catch (error) {
          const { code, message } = error as KvError;
          return [code, message];
        }
      })
      .toEqual([
        "unavailable",
        expect.stringMatching(/^No node of the cluster could be reached: .*ECONNREFUSED/),
      ]);
    expect((await figuresOf(watched)).nodes.map(({ state }) => state)).toEqual(
      new Array(6).fill("unreachable"),
    );
    await Promise.all(cluster.nodes.map((node) => node.start()));
    await cluster.whole();
    await watched.check();
    await watched.database.store.health();
    await watched.database.namespace("keys").put("key", "again");
  });

  test("data that are gone refuse writes, and begin anew with another start", { timeout }, async () => {
    const watched = await watch("emptied");
    for (const node of cluster.nodes) await node.ask("FLUSHALL").catch(() => {});
    await watched.check();
    expect(watched.told).toEqual([expect.stringMatching(/^The data of "emptied" are not there any more/)]);
    await expect(watched.database.namespace("keys").put("key", "x")).rejects.toMatchObject({
      code: "unsupported",
    });
    const anew = open(cluster.locator("emptied"));
    onTestFinished(() => anew.close());
    await anew.namespace("keys").put("key", "anew");
    await watched.check();
    // Of another beginning.
    await expect(watched.database.namespace("keys").put("key", "x")).rejects.toMatchObject({
      code: "unsupported",
    });
  });
});
