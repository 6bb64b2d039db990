/**
 * Clusters that cannot keep the promise that an acknowledged write lasts, or cannot be reached: the store is
 * refused, with a sentence that names the node and the setting.
 */
import { open } from "@kvasir/store";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { REDIS_SERVER, RedisCluster, type RedisNode } from "../harness/redis-cluster.js";
import { describeWith } from "../harness/requirements.js";

describeWith(REDIS_SERVER, "a cluster with a password", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start({ settings: { requirepass: "s3cret", masterauth: "s3cret" } });
  });
  afterAll(() => cluster.stop());

  const locator = (name: string, options = "") =>
    cluster.locator(name, options).replace("valkey://", "redis://:s3cret@");
  async function healthOf(place: string): Promise<unknown> {
    const database = open(place);
    onTestFinished(() => database.close());
    try {
      return (await database.store.health()) ?? "healthy";
    } catch (error) {
      return error;
    }
  }
  async function setting(node: RedisNode, name: string, value: string): Promise<void> {
    const [, before] = (await node.ask("CONFIG", "GET", name)) as readonly unknown[];
    await node.ask("CONFIG", "SET", name, value);
    onTestFinished(async () => void (await node.ask("CONFIG", "SET", name, String(before))));
  }

  test("is used with the password of the locator", async () => {
    const database = open(locator("shop"));
    onTestFinished(() => database.close());
    await database.namespace("keys").put("key", "value");
    expect(await database.namespace("keys").get("key")).toBe("value");
  });

  test.each(["", ":wrong@", "nobody:s3cret@"])(
    "refuses the login %j, which no error shows",
    async (login) => {
      const error = await healthOf(cluster.locator("shop").replace("valkey://", `valkey://${login}`));
      expect(error).toMatchObject({
        code: "unavailable",
        message: expect.stringMatching(/^127\.0\.0\.1:\d+ does not let this user in: /),
      });
      expect(JSON.stringify([String(error), error])).not.toMatch(/wrong@|s3cret|:wrong/);
    },
  );

  test.each([
    ["appendonly", "no"],
    ["appendfsync", "everysec"],
    ["no-appendfsync-on-rewrite", "yes"],
    ["maxmemory-policy", "allkeys-lru"],
    ["repl-diskless-load", "on-empty-db"],
    ["cluster-replica-validity-factor", "0"],
    ["cluster-allow-replica-migration", "yes"],
  ])("with %s %s on a replica is refused by name", async (name, value) => {
    const node = cluster.nodes[4] as RedisNode;
    await setting(node, name, value);
    expect(await healthOf(locator("shop"))).toMatchObject({
      code: "unsupported",
      message: expect.stringContaining(`127.0.0.1:${node.port} has ${name} set to "${value}"`),
    });
  });

  test("is refused to writes too, and to reads, until it is right", async () => {
    const node = cluster.nodes[0] as RedisNode;
    await node.ask("CONFIG", "SET", "appendfsync", "everysec");
    const database = open(locator("late"));
    onTestFinished(() => database.close());
    const keys = database.namespace("keys");
    const refused = { code: "unsupported", message: expect.stringContaining("appendfsync") };
    await expect(keys.put("key", "value")).rejects.toMatchObject(refused);
    await expect(keys.get("key")).rejects.toMatchObject(refused);
    await node.ask("CONFIG", "SET", "appendfsync", "always");
    await expect
      .poll(() =>
        keys.put("key", "value").then(
          () => "written",
          () => "refused",
        ),
      )
      .toBe("written");
  });

  test("with other numbers of replicas than the store was made with is refused", async () => {
    await open(locator("made")).close();
    expect(await healthOf(locator("made", "?replicas=0"))).toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/has 1 replicas instead of 0|has no replica/),
    });
    expect(await healthOf(locator("made", "?replicas=1"))).toBe("healthy");
    expect(await healthOf(locator("made", "?acks=1"))).toBe("healthy");
  });

  test("written by a newer version is refused", async () => {
    const first = open(locator("newer"));
    await first.store.health();
    await first.close();
    // The first partition of a store has the tag of slot 0.
    const owner = await cluster.primaryOf(0);
    const [, keys] = (await owner.ask("SCAN", 0, "MATCH", "newer:*s", "COUNT", 1000)) as readonly unknown[];
    const [key] = keys as readonly Buffer[];
    await owner.ask("HSET", String(key), "format", 99);
    expect(await healthOf(locator("newer"))).toMatchObject({
      code: "storage_format",
      message: expect.stringContaining("format 99"),
    });
  });
});

describeWith(REDIS_SERVER, "what is no cluster for a store", () => {
  test("servers that are not there", async () => {
    const database = open("valkey://:s3cret@127.0.0.1:1,127.0.0.1:2/shop");
    onTestFinished(() => database.close());
    await expect(database.store.health()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/127\.0\.0\.1:1: .*ECONNREFUSED.*; 127\.0\.0\.1:2: .*ECONNREFUSED/),
    });
    await expect(database.namespace("a").get("b")).rejects.toMatchObject({ code: "unavailable" });
  });

  test("a single server", async () => {
    const single = await RedisCluster.startSingle();
    onTestFinished(() => single.stop());
    const database = open(single.locator("shop"));
    onTestFinished(() => database.close());
    await expect(database.store.health()).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/^The server at 127\.0\.0\.1:\d+ is not a node of a cluster\.$/),
    });
  });

  test("primaries without replicas, but for acks=1", async () => {
    const bare = await RedisCluster.start({ replicas: 0 });
    onTestFinished(() => bare.stop());
    const [all, one] = [open(bare.locator("all")), open(bare.locator("one", "?acks=1"))];
    onTestFinished(async () => void (await Promise.all([all.close(), one.close()])));
    await expect(all.store.health()).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/^The primary 127\.0\.0\.1:\d+ has no replica, .*\?acks=1/),
    });
    await one.namespace("keys").put("key", "value");
    expect(await one.namespace("keys").get("key")).toBe("value");
  });
});
