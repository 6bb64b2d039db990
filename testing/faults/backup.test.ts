/**
 * Faults tolerated here: a backup or a restore is killed at any moment, its disk is full or read-only. Nothing
 * unfinished gets a final name, older backups stay, and the same command succeeds when it is run again.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, watch } from "node:fs";
import { join } from "node:path";
import { checkBackup, open, ringFolders } from "@kvasir/store";
import { afterEach, beforeEach, expect, test } from "vitest";
import { kvasir, kvasirOk } from "../harness/command.js";
import { KvasirProcess } from "../harness/kvasir-process.js";
import { describeWith } from "../harness/requirements.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";
import { aDiskOfItsOwn, Disk } from "./machinery/disk.js";

const MIB = 1_048_576;

async function dataOf(data: string, mebibytes: number): Promise<void> {
  const database = open(data, { durability: "relaxed" });
  const kv = database.namespace("one");
  for (let index = 0; index < mebibytes; index++)
    await kv.put(`key ${index}`, Buffer.alloc(MIB, `${index} `));
  await database.close();
}

/** Kills the command when the first file of an unfinished copy appears in `folder`. */
async function killWhileCopying(args: readonly string[], folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const watcher = watch(folder);
  const appeared = new Promise<void>((resolve) => {
    watcher.on("change", (_, name) => {
      if (String(name).includes(".unfinished-")) resolve();
    });
  });
  const command = KvasirProcess.launch(args);
  await Promise.race([appeared, command.ended]);
  await command.kill();
  watcher.close();
}

test("a backup and a restore that are killed leave nothing under a final name, and succeed again", async () => {
  const folder = temporaryDirectory();
  const [data, backups, restored] = ["data", "backups", "restored"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await dataOf(data, 100);
  const backup = join(backups, "one");
  await killWhileCopying(["backup", backup, "--data", data], backups);
  expect(existsSync(backup)).toBe(false);
  expect(readdirSync(backups), "the copy was under way").toHaveLength(1);
  await kvasirOk(["backup", backup, "--data", data]);
  expect(readdirSync(backups), "what was left behind is gone").toEqual(["one"]);
  expect((await checkBackup(backup)).problems).toEqual([]);

  await killWhileCopying(["restore", backup, "--data", restored], restored);
  expect(readdirSync(restored)).toEqual([expect.stringMatching(/^\.data\.mdb\.unfinished-/)]);
  await kvasirOk(["restore", backup, "--data", restored]);
  expect(readdirSync(restored)).toEqual(["data.mdb"]);
});

test("a ring that is killed has only whole backups, and goes on", async () => {
  const folder = temporaryDirectory();
  const [data, ring] = [join(folder, "data"), join(folder, "ring")];
  await dataOf(data, 30);
  await kvasirOk(["backup", ring, "--keep", "2", "--data", data]);
  await killWhileCopying(["backup", ring, "--every", "1s", "--keep", "2", "--data", data], ring);
  expect(ringFolders(ring)).toHaveLength(1);
  await kvasirOk(["backup", ring, "--keep", "2", "--data", data]);
  expect(readdirSync(ring)).toEqual(ringFolders(ring).map((path) => path.slice(ring.length + 1)));
  for (const path of ringFolders(ring)) expect((await checkBackup(path)).problems).toEqual([]);
});

test("a backup that is stopped removes what is not finished", async () => {
  const folder = temporaryDirectory();
  const [data, backups] = [join(folder, "data"), join(folder, "backups")];
  await dataOf(data, 100);
  mkdirSync(backups);
  const watcher = watch(backups);
  const appeared = new Promise((resolve) => watcher.once("change", resolve));
  const command = KvasirProcess.launch(["backup", join(backups, "one"), "--data", data]);
  await appeared;
  watcher.close();
  expect(await command.stop(), command.said).toBe(143);
  expect(command.said).toMatch(/^error: Stopped\. Nothing unfinished is left behind\.\n$/);
  expect(readdirSync(backups)).toEqual([]);
});

describeWith(aDiskOfItsOwn, "on a disk of its own", () => {
  let at: string;
  let data: string;
  let disk: Disk | undefined;
  beforeEach(() => {
    data = join(temporaryDirectory(), "data");
    at = temporaryDirectory();
  });
  afterEach(() => disk?.release());

  const fails = async (args: readonly string[], text: string) => {
    const { code, stderr, stdout } = await kvasir(args, { through: disk?.through ?? [] });
    expect({ code, stderr, stdout }).toEqual({
      code: 1,
      stderr: expect.stringMatching(new RegExp(`^error: [^\n]*${text}[^\n]*\n$`)),
      stdout: "",
    });
  };

  test("that is full, a ring keeps what it has until there is room again", async () => {
    await dataOf(data, 10);
    disk = await Disk.small(at, 40);
    const ring = join(at, "ring");
    await kvasirOk(["backup", ring, "--keep", "2", "--data", data], { through: disk.through });
    const before = readdirSync(disk.outside("/ring"));
    disk.fill();
    await fails(
      ["backup", ring, "--keep", "2", "--data", data],
      "There is no space left for .*, which needs \\d+",
    );
    await fails(["restore", ring, "--data", join(at, "restored")], "There is no space left for .*restored");
    expect(readdirSync(disk.outside("/ring"))).toEqual(before);
    expect(existsSync(disk.outside("/restored"))).toBe(false);
    disk.drain();

    const running = KvasirProcess.launch(
      ["backup", ring, "--every", "1s", "--keep", "2", "--data", data, "--json"],
      { through: disk.through },
    );
    await running.line(/backed-up/);
    disk.fill();
    await running.errorLine(/storage_full/);
    disk.drain();
    const made = running.lines.length;
    await expect.poll(() => running.lines.length, { timeout: 20_000 }).toBeGreaterThan(made);
    expect(await running.stop()).toBe(0);
    const left = readdirSync(disk.outside("/ring"));
    expect(left).toHaveLength(2);
    expect(await kvasirOk(["check", ring], { through: disk.through })).toMatch(/^(.* is sound: 10 .*\n){2}$/);
  });

  test("that is read-only, both say so, and backups on it are checked and restored", async () => {
    await dataOf(data, 1);
    await kvasirOk(["backup", join(at, "ring"), "--keep", "2", "--data", data]);
    disk = await Disk.readOnly(at);
    await fails(["backup", join(at, "other"), "--data", data], "is on a read-only file system");
    await fails(["backup", join(at, "ring"), "--keep", "2", "--data", data], "is on a read-only file system");
    await fails(
      ["restore", join(at, "ring"), "--data", join(at, "restored")],
      "is on a read-only file system",
    );
    const { through } = disk;
    expect(await kvasirOk(["check", join(at, "ring")], { through })).toContain("is sound: 1 entries");
    await kvasirOk(["restore", join(at, "ring"), "--data", join(data, "restored")], { through });
    expect(readdirSync(join(data, "restored"))).toEqual(["data.mdb"]);
    rmSync(join(data, "restored"), { recursive: true });
  });
});
