/**
 * Faults tolerated here: the data directory, its file or its lock file is moved, removed or replaced while it
 * is open. Writes are then refused with `storage_gone`, so that every acknowledged write was, after its
 * commit, in the file that the path names. Reads still return the open data. One message says what to do. A
 * directory that is moved back is used again.
 */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { type Database, type KvError, open } from "@kvasir/store";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { kvasir } from "../harness/command.js";
import { serve } from "../harness/kvasir-process.js";
import { describeWith } from "../harness/requirements.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";
import { checkDirectory } from "./machinery/check.js";
import { Embedder } from "./machinery/embedder.js";

const GONE = { code: "storage_gone" };

let at: string;
let directory: string;
beforeEach(() => {
  at = temporaryDirectory();
  directory = `${at}/data`;
});

describe("an embedded store", () => {
  let problems: KvError[];
  let database: Database;
  beforeEach(async () => {
    problems = [];
    database = open(directory, { onProblem: (error) => problems.push(error) });
    await kv().put("before", "1");
    onTestFinished(() => database.close());
  });
  const kv = () => database.namespace("n");

  test("that is moved refuses writes, reads on, and writes again when it is moved back", async () => {
    renameSync(directory, `${directory}-moved`);
    await expect(kv().put("moved", "2")).rejects.toMatchObject(GONE);
    await expect(kv().increment("n")).rejects.toMatchObject(GONE);
    expect(await kv().get("before")).toBe("1");
    expect(() => database.store.health()).toThrow(expect.objectContaining(GONE));
    expect(problems).toEqual([expect.objectContaining(GONE)]);
    expect(`${problems[0]?.message} ${problems[0]?.hint}`).toMatch(`${directory}/`);

    renameSync(`${directory}-moved`, directory);
    await database.store.health();
    await kv().put("after", "3");
    expect(await kv().increment("counted")).toBe(1);
    await database.close();
    expect(await checkDirectory(directory)).toEqual([]);
  });

  test("that is removed refuses writes, and its place can be opened anew", async () => {
    rmSync(directory, { recursive: true });
    await expect(kv().put("removed", "2")).rejects.toMatchObject(GONE);
    expect(existsSync(directory)).toBe(false);

    const anew = open(directory);
    onTestFinished(() => anew.close());
    await anew.namespace("n").put("new", "1");
    expect(await anew.namespace("n").get("before")).toBeNull();
    await expect(kv().put("removed", "3")).rejects.toMatchObject(GONE);
  });

  test.each(["data.mdb", "data.mdb-lock"])("whose %s is replaced refuses writes", async (name) => {
    renameSync(`${directory}/${name}`, `${directory}/old`);
    writeFileSync(`${directory}/${name}`, "");
    await expect(kv().put("replaced", "2")).rejects.toMatchObject(GONE);
    expect(await kv().get("before")).toBe("1");
  });

  test("that is opened a second time under the name it was moved to is refused, not opened twice", async () => {
    renameSync(directory, `${directory}-moved`);
    expect(() => open(`${directory}-moved`)).toThrow(expect.objectContaining(GONE));
  });

  test("acknowledges no write that is not in the directory when it is moved at any moment", async () => {
    const acknowledged: string[] = [];
    const refused: KvError[] = [];
    let moved = false;
    const writer = async (lane: number) => {
      for (let index = 0; !moved || index < 20; index++) {
        const key = `${lane}:${index}`;
        await kv()
          .put(key, "x")
          .then(
            () => acknowledged.push(key),
            (error: KvError) => refused.push(error),
          );
      }
    };
    const writers = Promise.all([0, 1, 2, 3].map(writer));
    await expect.poll(() => acknowledged.length).toBeGreaterThan(50);
    renameSync(directory, `${directory}-moved`);
    mkdirSync(directory);
    moved = true;
    const acknowledgedBefore = acknowledged.length;
    await writers;
    // Writes acknowledged before the move may resolve after it, at most one per writer.
    expect(acknowledged.length - acknowledgedBefore).toBeLessThanOrEqual(4);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ code }) => code === "storage_gone")).toBe(true);
    await database.close();
    const there = open(`${directory}-moved`);
    for (const key of acknowledged) expect(await there.namespace("n").get(key)).toBe("x");
    await there.close();
  });
});

test.each([1, 2])("kvasir serve with %d process(es) says that its data were moved", async (workers) => {
  const server = serve(directory, ["--workers", String(workers)]);
  onTestFinished(() => server.kill());
  const api = await server.ready();
  const namespace = await api.createNamespace("n");
  const put = (key: string) => api.fetch(`/binding/${namespace}/${key}`, { method: "PUT", body: "x" });
  expect((await put("before")).status).toBe(200);

  renameSync(directory, `${directory}-moved`);
  for (let index = 0; index < 5; index++) {
    const answer = await put("moved");
    expect(answer.status).toBe(503);
    const { error } = (await answer.json()) as { error: { code: string; message: string; hint: string } };
    expect(error).toMatchObject(GONE);
    expect(`${error.message} ${error.hint}`).toMatch(/data\.mdb.*Move/s);
  }
  const health = await api.fetch("/healthz");
  expect(health.status).toBe(503);
  expect(await health.text()).toContain("storage_gone");
  expect((await api.fetch(`/binding/${namespace}/before`)).status).toBe(200);
  const said = server.said.match(/were moved, removed or replaced/g) ?? [];
  expect(said.length, server.said).toBeGreaterThan(0);
  expect(said.length, server.said).toBeLessThanOrEqual(workers);

  renameSync(`${directory}-moved`, directory);
  expect((await put("after")).status).toBe(200);
  expect((await api.fetch("/healthz")).status).toBe(200);
  expect(await server.stop(), server.said).toBe(0);
});

describeWith({ name: "Linux", met: process.platform === "linux" }, "a lock file that is removed", () => {
  test("keeps others out while one has the data open, and makes that one refuse writes", async () => {
    const first = await Embedder.start({ directory });
    onTestFinished(() => first.kill());
    const kv = first.namespace("n");
    await kv.put("before", "1");
    rmSync(`${directory}/data.mdb-lock`);

    for (let round = 0; round < 2; round++) {
      expect(() => open(directory)).toThrow(
        expect.objectContaining({ ...GONE, hint: expect.stringContaining("Stop that process") }),
      );
    }
    const listed = await kvasir(["kv", "namespace", "list", "--data", directory]);
    expect(listed.code).toBe(1);
    expect(listed.stderr).toContain("lock file");
    await expect(kv.put("after", "2")).rejects.toMatchObject(GONE);
    expect(await kv.get("before")).toBe("1");

    await first.close();
    const second = open(directory);
    expect(await second.namespace("n").get("before")).toBe("1");
    await second.namespace("n").put("after", "2");
    await second.close();
    expect(await checkDirectory(directory)).toEqual([]);
  });
});
