import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "@kvasir/client";
import { open } from "@kvasir/store";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { ROOT } from "../../harness/checkout.js";
import { kvasir, kvasirOk, startKvasir } from "../../harness/command.js";
import { REDIS_SERVER, RedisCluster, type RedisNode } from "../../harness/redis-cluster.js";
import { describeWith } from "../../harness/requirements.js";
import { temporaryProject } from "../../harness/temporary-directory.js";

describeWith(REDIS_SERVER, "the program on data in a cluster", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start({ settings: { requirepass: "s3cret", masterauth: "s3cret" } });
  });
  afterAll(() => cluster.stop());
  const data = (name: string) => cluster.locator(name).replace("valkey://", "valkey://:s3cret@");
  const shown = (name: string) => cluster.locator(name);

  // Eight programs start one after the other.
  const timeout = 90_000;

  test("two servers and the commands share everything, also the end of a token", { timeout }, async () => {
    const cwd = temporaryProject({});
    const place = ["--data", data("shared")];
    const none = await kvasir(["serve", "--api-port", "0", ...place], { cwd });
    expect(none.code).toBe(1);
    expect(none.stderr).toContain(`${shown("shared")} has no API token`);
    const { token, id } = JSON.parse(
      await kvasirOk(["token", "create", "--scope", "admin", "--json", ...place], { cwd }),
    );
    await kvasirOk(["kv", "namespace", "create", "SHOP", ...place], { cwd });
    const [{ id: namespace }] = JSON.parse(await kvasirOk(["kv", "namespace", "list", ...place], { cwd }));
    const serve = ["serve", "--api-port", "0", ...place];
    const [one, two] = await Promise.all([
      startKvasir(serve, { cwd }),
      startKvasir([...serve, "--reads", "strong", "--workers", "2"], { cwd }),
    ]);
    const at = (url: string) => connect({ url, namespace, token, retries: 0 });
    await at(one.api).put("key", "value", { metadata: { from: "one" } });
    expect(await at(two.api).getWithMetadata("key")).toMatchObject({
      value: "value",
      metadata: { from: "one" },
    });
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => at(n % 2 ? one.api : two.api).increment("visits")),
    );
    const read = ["kv", "key", "get", "visits", "--namespace-id", namespace, "--text", ...place];
    expect((await kvasirOk(read, { cwd })).trim()).toBe("20");
    await kvasirOk(["token", "revoke", id, ...place], { cwd });
    for (const { api } of [one, two]) {
      await expect(at(api).get("key")).rejects.toMatchObject({ code: "unauthorized" });
    }
  });

  test("dev runs a Worker on it", async () => {
    const cwd = temporaryProject({
      "worker.js": `export default {
        async fetch(request, env) {
          await env.VISITS.put("last", "here");
          return new Response(\`\${await env.VISITS.increment("n")} \${await env.VISITS.get("last")}\`);
        },
      };`,
      "wrangler.jsonc": JSON.stringify({
        name: "hello",
        main: "worker.js",
        kv_namespaces: [{ binding: "VISITS", id: "visits" }],
      }),
    });
    const server = await startKvasir(["dev", "--port", "0", "--api-port", "0", "--data", data("dev")], {
      cwd,
    });
    const ask = async () => await (await fetch(server.functions ?? "")).text();
    expect([await ask(), await ask()]).toEqual(["1 here", "2 here"]);
  });

  test("import, copy and export lose nothing on the way in and out", { timeout }, async () => {
    const lines = Array.from({ length: 300 }, (_, index) =>
      JSON.stringify(
        index % 3 === 0
          ? { key: `bytes:${1000 + index}`, value: "/wA=", base64: true, metadata: { index } }
          : { key: `text:${1000 + index}`, value: `ü ${index}`, expiration: 4_000_000_000.125 },
      ),
    ).sort();
    const cwd = temporaryProject({ "in.jsonl": `${lines.join("\n")}\n` });
    const place = data("transfer");
    await kvasirOk(["import", "in.jsonl", "--create", "one", "--data", place], { cwd });
    // Keys of different tags are in different parts of the cluster.
    const extra = ["{a}1", "{b}1", "plain"].map((key) => ({ key, value: "1" }));
    writeFileSync(join(cwd, "extra.json"), JSON.stringify(extra));
    writeFileSync(join(cwd, "keys.json"), JSON.stringify(extra.map(({ key }) => key)));
    const namespaces = JSON.parse(await kvasirOk(["kv", "namespace", "list", "--data", place], { cwd }));
    const bulk = (...args: readonly string[]) =>
      kvasirOk(["kv", "bulk", ...args, "--namespace-id", namespaces[0].id, "--data", place], { cwd });
    await bulk("put", "extra.json");
    expect(JSON.parse(await bulk("get", "keys.json"))).toEqual({ "{a}1": "1", "{b}1": "1", plain: "1" });
    await bulk("delete", "keys.json", "--force");
    expect(JSON.parse(await bulk("get", "keys.json"))).toEqual({ "{a}1": null, "{b}1": null, plain: null });
    await kvasirOk(["copy", "--from", `${place}#one`, "--to", `${place}#two`], { cwd });
    await kvasirOk(["copy", "--from", `${place}#two`, "--to", "local#three"], { cwd });
    const exported = await kvasirOk(["export", "--all", "--data", "local"], { cwd });
    const [header = "", ...entries] = exported.trimEnd().split("\n");
    expect(JSON.parse(header)).toMatchObject({ namespace: { title: "three" } });
    expect(entries.map((line) => JSON.parse(line))).toEqual(lines.map((line) => JSON.parse(line)));
  });

  test("a namespace that outgrew its buckets is told, and copied to one with more", { timeout }, async () => {
    const cwd = temporaryProject({});
    const place = data("grown");
    await kvasirOk(["kv", "namespace", "create", "sessions", "--buckets", "1", "--data", place], { cwd });
    const told: string[] = [];
    const filling = open(place);
    const sessions = filling.namespace("sessions");
    await Promise.all(["a", "b", "c"].map((key) => sessions.put(key, key)));
    await filling.close();
    // As many more as it takes, without a write for each.
    const [node, entries] = await bucketOf("grown");
    const fill = "for at = 1, 5000 do redis.call('HSET', KEYS[1], ARGV[1] .. ':' .. at, ARGV[2]) end";
    for (let part = 0; part < 50; part++) await node.ask("EVAL", fill, 1, entries, part, Buffer.alloc(33));
    const advice =
      'The namespace "sessions" has 250003 keys in one of its 1 bucket: copy it to a new one with --buckets 4, as docs/guides/cluster.md shows.';
    const list = ["kv", "namespace", "list", "--data", place];
    const { code, stdout, stderr } = await kvasir(list, { cwd });
    expect([code, stderr, JSON.parse(stdout).length]).toEqual([0, `${advice}\n`, 1]);
    const database = open(place, { onProblem: ({ message }) => told.push(message) });
    onTestFinished(() => database.close());
    await database.store.health();
    // Once the lease of the store that was closed is over.
    await expect.poll(() => told, { timeout: 20_000 }).toEqual([advice]);
    const empty = fill.replace("HSET", "HDEL").replace(", ARGV[2]", "");
    for (let part = 0; part < 50; part++) await node.ask("EVAL", empty, 1, entries, part);
    // As the guide says.
    const guide = readFileSync(join(ROOT, "docs/guides/cluster.md"), "utf8");
    const [, command = ""] = /^npx kvasir (copy .*)$/m.exec(guide) ?? [];
    const words = command.split(" ").map((word) => word.replaceAll('"', "").replace("$DATA", place));
    await kvasirOk(words, { cwd });
    const usage = await database.store.maintenance.usage?.();
    expect(usage?.map(({ entries: count, buckets }) => [count, buckets?.count, buckets?.advice])).toEqual(
      expect.arrayContaining([
        [3, 1, null],
        [3, 64, null],
      ]),
    );
    expect(await database.namespace("sessions-64").get("b")).toBe("b");
  });

  test("a flag wins over the locator, and a wrong one is refused", async () => {
    const cwd = temporaryProject({});
    const list = ["kv", "namespace", "list", "--data", `${data("flags")}?buckets=4`];
    const wrong = await kvasir([...list, "--buckets", "3"], { cwd });
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("buckets=3") });
    await kvasirOk([...list, "--acks", "1", "--reads", "strong"], { cwd });
  });

  /** The node and the key of a namespace of one bucket, in a store that has no other. */
  async function bucketOf(store: string): Promise<readonly [RedisNode, string]> {
    for (const node of cluster.nodes) {
      if (!(await node.view()).isPrimary) continue;
      for (let cursor = "0"; ; ) {
        const found = await node.ask("SCAN", cursor, "MATCH", `${store}:*e:*`, "COUNT", 1000);
        const [next, keys] = found as readonly [Buffer, readonly Buffer[]];
        if (keys[0] !== undefined) return [node, String(keys[0])];
        cursor = String(next);
        if (cursor === "0") break;
      }
    }
    throw new Error(`The store ${store} has no entries.`);
  }

  test("check compares entries with indexes, and names what is damaged", { timeout }, async () => {
    const place = data("checked");
    const cwd = temporaryProject({});
    const database = open(`${place}?buckets=1`);
    const kv = database.namespace("keys");
    await kv.put("a", "1");
    await kv.put("b", new Uint8Array(100_000));
    await kv.put("c", "3", { expirationTtl: 3600 });
    await database.close();
    const check = ["check", "--data", place, "--json"];
    expect(JSON.parse(await kvasirOk(check, { cwd }))).toMatchObject({
      entries: 3,
      bytes: 100_002,
      problems: 0,
    });
    const [node, entries] = await bucketOf("checked");
    const prefix = entries.slice(0, entries.indexOf("}") + 1);
    const index = entries.replace("}e:", "}i:");
    await node.ask("ZREM", index, "a");
    await node.ask("ZADD", index, 0, "gone");
    await node.ask("DEL", `${prefix}x`);
    const [, blobs] = (await node.ask(
      "SCAN",
      0,
      "MATCH",
      `${prefix}b:*`,
      "COUNT",
      100_000,
    )) as readonly unknown[];
    await node.ask("UNLINK", String((blobs as readonly Buffer[])[0]));
    const damaged = await kvasir(check, { cwd });
    expect(damaged.code).toBe(1);
    const found = damaged.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(found.pop()).toMatchObject({ event: "checked", entries: 3, problems: 4 });
    expect(Object.fromEntries(found.map(({ key, message }) => [key, message]))).toEqual({
      a: 'The key "a" of the namespace "keys" is not in the index, so that lists do not show it.',
      b: 'The key "b" of the namespace "keys" has lost its large value, or a part of it.',
      c: 'The key "c" of the namespace "keys" does not expire when it says.',
      gone: 'The key "gone" of the namespace "keys" is in the index, and has no entry.',
    });
  });

  test("what needs a directory says so and what to do instead, without the password", {
    timeout,
  }, async () => {
    const cwd = temporaryProject({});
    const commands = [
      ["backup", "copy", "--data", data("none")],
      ["restore", "copy", "--data", data("none")],
    ];
    for (const command of commands) {
      const { code, stderr } = await kvasir(command, { cwd });
      expect(code).toBe(1);
      expect(stderr).toContain(`needs a data directory, and ${shown("none")} is a cluster`);
      expect(stderr).toContain("kvasir export --all");
    }
    const ring = ["serve", "--backup", "ring", "--api-port", "0", "--data", data("none")];
    expect(await kvasir(ring, { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("kvasir export --all"),
    });
  });

  test("no message shows the password", async () => {
    const cwd = temporaryProject({});
    const place = data("secret").replace(":s3cret@", ":wr0ng@");
    for (const args of [
      ["kv", "namespace", "list"],
      ["token", "list"],
      ["serve", "--api-port", "0"],
    ]) {
      const { code, stdout, stderr } = await kvasir([...args, "--data", place], { cwd });
      expect([code, /does not let this user in/.test(stderr)]).toEqual([1, true]);
      expect(stdout + stderr).not.toContain("wr0ng");
    }
  });
});
