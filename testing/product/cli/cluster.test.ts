import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "@kvasir/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kvasir, kvasirOk, startKvasir } from "../../harness/command.js";
import { REDIS_SERVER, RedisCluster } from "../../harness/redis-cluster.js";
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

  test("a flag wins over the locator, and a wrong one is refused", async () => {
    const cwd = temporaryProject({});
    const list = ["kv", "namespace", "list", "--data", `${data("flags")}?buckets=4`];
    const wrong = await kvasir([...list, "--buckets", "3"], { cwd });
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("buckets=3") });
    await kvasirOk([...list, "--acks", "1", "--reads", "strong"], { cwd });
  });

  test("what needs a directory says so, without the password", async () => {
    const { code, stderr } = await kvasir(["check", "--data", data("check")]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(`needs a data directory, and ${shown("check")} is a cluster`);
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
