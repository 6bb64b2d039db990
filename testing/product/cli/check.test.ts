import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type KVNamespace, open } from "@kvasir/store";
import { expect, test } from "vitest";
import { kvasir, kvasirOk, startKvasir } from "../../harness/command.js";
import { flipAt } from "../../harness/flip.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";

async function written(write: (kv: KVNamespace) => Promise<unknown>): Promise<string> {
  const data = temporaryDirectory();
  const database = open(data);
  await write(database.namespace("one"));
  await database.close();
  return data;
}

const WRITE = async (kv: KVNamespace) => {
  await kv.put("key", "a value", { expirationTtl: 3600 });
  await kv.put("large", "a large value ".repeat(200));
};

test("a sound directory ends it with 0, also while a server has it open", async () => {
  const data = await written(WRITE);
  const server = await startKvasir(["serve", "--api-port", "0", "--data", data, "--no-auth"]);
  expect(await kvasirOk(["check", "--data", data])).toBe(
    `${data} is sound: 2 entries, 2807 bytes of values.\n`,
  );
  expect(JSON.parse(await kvasirOk(["check", "--data", data, "--json"]))).toEqual({
    event: "checked",
    entries: 2,
    bytes: 2807,
    skipped: 0,
    refused: 0,
    problems: 0,
  });
  expect((await fetch(`${server.api}/healthz`)).status).toBe(200);
});

test("a damaged one ends it with 1, and each damaged key is named", async () => {
  const data = await written(WRITE);
  flipAt(join(data, "data.mdb"), "a value", 3);
  flipAt(join(data, "data.mdb"), "a large value a large value", 20);
  const { code, stdout } = await kvasir(["check", "--data", data, "--json"]);
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(code).toBe(1);
  expect(lines.filter(({ event }) => event === "problem").map(({ key }) => key)).toEqual([
    "key",
    undefined,
    "large",
  ]);
  expect(lines[0]).toEqual({
    event: "problem",
    message: expect.stringMatching(/^The entry "key" of namespace [0-9a-f]{32} is damaged on disk\.$/),
    namespace: expect.stringMatching(/^[0-9a-f]{32}$/),
    key: "key",
  });
  expect(lines.at(-1)).toMatchObject({ event: "checked", entries: 1, problems: 3 });
  const text = await kvasir(["check", "--data", data]);
  expect(text.code).toBe(1);
  expect(text.stdout).toMatch(
    /\n.* is damaged, problems: 3\. Write or delete the damaged keys, or restore a backup\.\n$/,
  );
});

test("a file that cannot be opened ends it with 1", async () => {
  const data = await written(WRITE);
  const file = join(data, "data.mdb");
  writeFileSync(file, readFileSync(file).subarray(0, 8192));
  const { code, stdout } = await kvasir(["check", "--data", data]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining("cannot be read") });
});

test("where there is nothing to look at it ends with 2, and makes nothing", async () => {
  const data = join(temporaryDirectory(), "nothing");
  const { code, stderr } = await kvasir(["check", "--data", data]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/^error: There are no data in .*\. Give --data/),
  });
  expect(existsSync(data)).toBe(false);
  expect((await kvasir(["check", "--nonsense"])).code).not.toBe(0);
});
