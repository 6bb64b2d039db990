/**
 * Ways to reach a cluster that are wrong or restricted: TLS on one side only, a certificate that nobody vouches for, a
 * user with too few rights, servers of another kind. One sentence says what is wrong, and a hint what to do.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type KvError, open } from "@kvasir/store";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { ROOT } from "../harness/checkout.js";
import { kvasir, kvasirOk } from "../harness/command.js";
import { OPENSSL } from "../harness/languages.js";
import { Project } from "../harness/project.js";
import { REDIS_SERVER, RedisCluster, SERVER_PATH } from "../harness/redis-cluster.js";
import { allOf, describeWith } from "../harness/requirements.js";

const timeout = 60_000;

/** The rights that the guide tells operators to give, as arguments of `ACL SETUSER`. */
const [, GUIDE_RIGHTS = ""] =
  /ACL SETUSER kvasir on >PASSWORD ~NAME:\* (.*)$/m.exec(
    readFileSync(join(ROOT, "docs/guides/cluster.md"), "utf8"),
  ) ?? [];

async function failureOf(locator: string): Promise<Pick<KvError, "code" | "message" | "hint">> {
  const database = open(locator);
  onTestFinished(() => database.close());
  try {
    await database.store.health();
  } catch (error) {
    return error as KvError;
  }
  throw new Error(`${locator} can be used.`);
}

describeWith(allOf(REDIS_SERVER, OPENSSL), "a cluster with TLS and users", () => {
  const folder = new Project({});
  const key = join(folder.root, "key.pem");
  const certificate = join(folder.root, "cert.pem");
  let cluster: RedisCluster;
  beforeAll(async () => {
    const made = ["-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=cluster"];
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...made, "-addext", "subjectAltName=IP:127.0.0.1"],
      { stdio: "pipe" },
    );
    cluster = await RedisCluster.start({ certificate: { key, certificate } });
    await user("kvasir", `~acl:* ${GUIDE_RIGHTS}`);
  }, timeout);
  afterAll(async () => {
    await cluster.stop();
    folder.remove();
  });

  /** Defines a user with the password "pw" on every node. */
  async function user(name: string, rights: string): Promise<void> {
    for (const node of cluster.nodes) {
      await node.ask("ACL", "SETUSER", name, "reset", "on", ">pw", ...rights.split(" "));
    }
  }
  const as = (name: string, store = "acl") => cluster.locator(store).replace("//", `//${name}:pw@`);

  test("is used over TLS, with the rights that the guide names and no others", { timeout }, async () => {
    const place = ["--data", cluster.tlsLocator("acl", "kvasir:pw")];
    const options = { cwd: folder.root, env: { NODE_EXTRA_CA_CERTS: certificate } };
    writeFileSync(
      join(folder.root, "in.jsonl"),
      Array.from({ length: 40 }, (_, at) => `{"key":"key${at}","value":"v","expiration":4000000000}\n`).join(
        "",
      ),
    );
    await kvasirOk(["import", "in.jsonl", "--create", "shop", ...place], options);
    expect(await kvasirOk(["check", ...place], options)).toContain("is sound: 40 entries");
    const refused = await kvasir(["kv", "namespace", "list", ...place], { cwd: folder.root });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("NODE_EXTRA_CA_CERTS") });
    expect(refused.stderr).not.toContain(":pw");
    // Everything else that a store does, without TLS.
    const database = open(as("kvasir"));
    onTestFinished(() => database.close());
    const kv = database.namespace("all");
    const watching = kv.watch()[Symbol.asyncIterator]();
    const first = watching.next();
    await kv.put("large", new Uint8Array(300_000));
    expect((await first).value).toMatchObject({ key: "large" });
    await watching.return?.();
    expect((await kv.get("large", "arrayBuffer"))?.byteLength).toBe(300_000);
    await kv.atomic().put("{a}1", "x").increment("{a}2").commit();
    await kv.touch("{a}1", { expirationTtl: 60 });
    expect(await kv.count()).toBe(3);
    expect(await kv.deletePrefix("{a}")).toBe(2);
    await database.store.maintenance.sweep?.();
    expect((await database.store.maintenance.cluster?.())?.problems).toEqual([]);
    const found = await database.catalog.ensureTitle("all");
    await database.catalog.delete(found.id);
  });

  test.each([
    ["wait", "+@all -wait ~acl:*"],
    ["eval", "+@all -@scripting ~acl:*"],
    ["keys", "+@all ~other:*"],
    ["nodes", "+@all -cluster ~acl:*"],
    ["write", "+@read +@connection +@scripting +cluster +config +info +time +wait ~acl:*"],
  ])("a user without rights is told which: %s", async (name, rights) => {
    await user(name, rights);
    expect(await failureOf(as(name))).toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/^The user of the locator has too few rights: .*(NOPERM|ACL failure)/),
      hint: `Give it these with ACL SETUSER, for the name in the locator: ${GUIDE_RIGHTS} ~NAME:*`,
    });
  });

  test("a user that may not read settings is told so", async () => {
    await user("settings", "+@all -config ~acl:*");
    expect(await failureOf(as("settings"))).toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/^The settings of 127\.0\.0\.1:\d+ cannot be read: NOPERM .*config/),
    });
  });

  test("TLS on one side only is told, and which scheme to write", { timeout }, async () => {
    const withTls = cluster.tlsLocator("acl", "kvasir:pw");
    expect(await failureOf(withTls.replace("valkeys:", "valkey:"))).toMatchObject({
      code: "unavailable",
      hint: expect.stringContaining("write valkeys:// instead of valkey://"),
    });
    expect(await failureOf(as("kvasir").replace("valkey:", "valkeys:"))).toMatchObject({
      code: "unavailable",
      hint: expect.stringContaining("write valkey:// instead of valkeys://"),
    });
    expect(await failureOf(withTls)).toMatchObject({
      message: expect.stringContaining("self-signed certificate"),
      hint: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
    });
  });

  test("one of several addresses is enough", async () => {
    const database = open(as("kvasir").replace("@", "@127.0.0.1:1,"));
    onTestFinished(() => database.close());
    await database.store.health();
  });

  test("a Sentinel, and a server of another protocol", { timeout }, async () => {
    const config = join(folder.root, "sentinel.conf");
    const [first] = cluster.nodes;
    const port = (first?.port ?? 0) + 3000;
    writeFileSync(config, `port ${port}\nbind 127.0.0.1\n`);
    const sentinel = spawn(SERVER_PATH ?? "", [config, "--sentinel"], { stdio: "ignore" });
    onTestFinished(async () => {
      const ended = once(sentinel, "exit");
      sentinel.kill("SIGKILL");
      await ended;
    });
    await expect
      .poll(() => failureOf(`valkey://127.0.0.1:${port}/shop`), { timeout: 10_000 })
      .toMatchObject({ code: "unsupported", message: expect.stringContaining("a Sentinel") });
    const http = createServer().listen(0, "127.0.0.1");
    await once(http, "listening");
    onTestFinished(() => void http.close());
    const failure = await failureOf(`valkey://127.0.0.1:${(http.address() as AddressInfo).port}/shop`);
    expect(`${failure.message} ${failure.hint}`).toMatch(/protocol|check that they are Valkey or Redis/);
  });
});
