/**
 * Faults tolerated here: a umask that would let other users of the machine read what is stored, and data
 * directories that were made under such a umask.
 */
import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { open } from "@kvasir/store";
import { describe, expect, onTestFinished, test } from "vitest";
import { kvasir } from "../harness/command.js";
import { serve } from "../harness/kvasir-process.js";
import { describeWith } from "../harness/requirements.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";

const UMASKS = ["000", "022", "077", "277"];
const WORLD = ["0755", "0644", "0644"];
const PRIVATE = ["0700", "0600", "0600"];

const under = (umask: string) => ["sh", "-c", `umask ${umask}; exec "$@"`, "sh"];

function modeOf(path: string): string {
  return `0${(statSync(path).mode & 0o777).toString(8)}`;
}

function modesOf(data: string): string[] {
  return [data, join(data, "data.mdb"), join(data, "data.mdb-lock")].map(modeOf);
}

/** A data directory with the modes that it gets under the usual umask. */
async function worldReadable(): Promise<string> {
  const data = join(temporaryDirectory(), "data");
  const database = open(data);
  await database.namespace("n").put("key", "value");
  await database.close();
  for (const [at, path] of [data, join(data, "data.mdb"), join(data, "data.mdb-lock")].entries()) {
    chmodSync(path, Number.parseInt(WORLD[at] as string, 8));
  }
  return data;
}

function noticesOf({ said }: { readonly said: string }): string[] {
  return said.split("\n").filter((line) => line.includes("Other users of this machine could open"));
}

describe.each(UMASKS)("under the umask %s", (umask) => {
  test("a server makes a data directory that is its user's alone", async () => {
    const data = join(temporaryDirectory(), "above", "data");
    const server = serve(data, [], { through: under(umask) });
    onTestFinished(() => server.kill());
    await server.ready();
    expect(modesOf(data)).toEqual(PRIVATE);
    expect(noticesOf(server)).toEqual([]);
  });

  test("so do a command and an embedded store", async () => {
    const byCommand = join(temporaryDirectory(), "data");
    const through = under(umask);
    const { code } = await kvasir(["kv", "namespace", "create", "n", "--data", byCommand], { through });
    expect(code).toBe(0);
    expect(modesOf(byCommand)).toEqual(PRIVATE);

    const embedded = join(temporaryDirectory(), "above", "data");
    const before = process.umask(Number.parseInt(umask, 8) & ~0o700);
    onTestFinished(() => void process.umask(before));
    const database = open(embedded);
    await database.close();
    expect(modesOf(embedded)).toEqual(PRIVATE);
  });
});

describe("a data directory that others could read", () => {
  test("is taken from them by a server, which tells of each thing once", async () => {
    const data = await worldReadable();
    mkdirSync(join(data, "cache"), { mode: 0o755 });
    const server = serve(data, ["--workers", "2"]);
    onTestFinished(() => server.kill());
    await server.ready();
    expect(modesOf(data)).toEqual(PRIVATE);
    expect(modeOf(join(data, "cache"))).toBe("0700");
    const notices = noticesOf(server).map((line) => JSON.parse(line) as { event: string; message: string });
    expect(notices).toHaveLength(4);
    expect(notices[0]).toMatchObject({ event: "log", level: "warn", message: expect.stringContaining(data) });
  });

  test("is taken from them by a command, which says so", async () => {
    const data = await worldReadable();
    const { stderr } = await kvasir(["kv", "namespace", "list", "--data", data]);
    expect(modesOf(data)).toEqual(PRIVATE);
    expect(stderr.match(/could open/g)).toHaveLength(3);
  });

  test("keeps its own mode where other things lie in it", async () => {
    const data = await worldReadable();
    writeFileSync(join(data, "notes.txt"), "");
    await kvasir(["kv", "namespace", "list", "--data", data]);
    expect(modesOf(data)).toEqual(["0755", "0600", "0600"]);
    expect(modeOf(join(data, "notes.txt"))).toBe("0644");
  });
});

const root = { name: "root, to give a folder to somebody else", met: process.getuid?.() === 0 };

describeWith(root, "a data directory of somebody else", () => {
  test("is used as it is, and its user is told", async () => {
    const data = await worldReadable();
    chownSync(data, 12_345, 12_345);
    const { code, stderr } = await kvasir(["kv", "namespace", "list", "--data", data]);
    expect(code).toBe(0);
    expect(stderr).toContain(`belongs to the user 12345, who can change that with \`chmod 700 ${data}\``);
    expect(modesOf(data)).toEqual(["0755", "0600", "0600"]);
  });
});
