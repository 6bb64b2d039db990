/**
 * Faults tolerated here: the data directory cannot be written, because the disk is mounted read-only. Reads
 * work as usual, a write fails with the reason, and a server keeps running instead of ending repeatedly.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { KvError, open } from "@kvasir/store";
import { afterEach, beforeEach, expect, test } from "vitest";
import { kvasir } from "../harness/command.js";
import { type KvasirProcess, serve } from "../harness/kvasir-process.js";
import { describeWith } from "../harness/requirements.js";
import { TOKEN } from "../harness/running-api.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";
import { aDiskOfItsOwn, Disk } from "./machinery/disk.js";
import { Embedder } from "./machinery/embedder.js";

describeWith(aDiskOfItsOwn, "a read-only data directory", () => {
  let at: string;
  let disk: Disk;
  let namespace: string;
  let servers: KvasirProcess[];
  beforeEach(async () => {
    at = temporaryDirectory();
    const database = open(`${at}/data`);
    await database.namespace("kept").put("key", "value");
    namespace = (await database.store.namespaces.find("kept"))?.id ?? "";
    await database.close();
    mkdirSync(`${at}/empty`);
    disk = await Disk.readOnly(at);
    servers = [];
  });
  afterEach(async () => {
    for (const server of servers) await server.kill();
    disk.release();
  });

  test("is read by a program that embeds the store, and refuses its writes by name", async () => {
    const directory = `${at}/data`;
    const before = contentsOf(directory);
    const embedder = await Embedder.start({ directory }, disk.through);
    const kv = embedder.namespace("kept");
    expect(await kv.get("key")).toBe("value");
    expect((await kv.list()).keys.map(({ name }) => name)).toEqual(["key"]);
    for (const write of [
      () => kv.put("key", "other"),
      () => kv.put("large", new Uint8Array(500_000)),
      () => kv.delete("key"),
      () => kv.increment("counter"),
      () => kv.touch("key", { expirationTtl: 1000 }),
      () => embedder.createNamespace("another"),
    ]) {
      const error = await write().then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error, String(write)).toBeInstanceOf(KvError);
      expect((error as KvError).code, String(write)).toBe("storage_read_only");
      expect(`${(error as KvError).message} ${(error as KvError).hint}`).toContain(directory);
    }
    expect(await kv.get("key")).toBe("value");
    await embedder.close();
    expect(contentsOf(directory)).toEqual(before);
  });

  test.each([1, 2])("is served by kvasir serve with %d process(es)", async (workers) => {
    const server = serve(`${at}/data`, ["--workers", String(workers)], { through: disk.through });
    servers.push(server);
    const api = await server.ready();
    expect(await api.namespace(namespace).get("key")).toBe("value");
    const answer = await api.fetch(`/binding/${namespace}/key`, { method: "PUT", body: "other" });
    expect(answer.status).toBe(503);
    const { error } = (await answer.json()) as { error: { code: string; message: string; hint?: string } };
    expect(error.code).toBe("storage_read_only");
    expect(`${error.message} ${error.hint}`).toContain(`${at}/data`);
    expect(await api.namespace(namespace).get("key")).toBe("value");
    expect(await server.stop(), server.said).toBe(0);
  });

  test("where nothing is stored yet, ends serve with a text that names it", async () => {
    const ended = await kvasir(["serve", "--api-port", "0", "--port", "0", "--data", `${at}/empty`], {
      through: disk.through,
      env: { KVASIR_TOKEN: TOKEN },
    });
    expect(ended.code, ended.stderr).toBe(1);
    expect(ended.stderr).toContain(`${at}/empty`);
    expect(ended.stderr).not.toMatch(/^ +at /m);
  });

  test("is read by the command line, and refuses its writes", async () => {
    const key = ["--namespace-id", namespace, "--data", `${at}/data`];
    const got = await kvasir(["kv", "key", "get", "key", ...key, "--text"], { through: disk.through });
    expect(got.stdout.trim(), got.stderr).toBe("value");
    const put = await kvasir(["kv", "key", "put", "key", "other", ...key], { through: disk.through });
    expect(put.code).toBe(1);
    expect(put.stderr).toContain(`${at}/data`);
    expect(put.stderr).not.toMatch(/^ +at /m);
  });
});

function contentsOf(directory: string): Record<string, string> {
  const hash = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
  return Object.fromEntries(readdirSync(directory).map((name) => [name, hash(join(directory, name))]));
}
