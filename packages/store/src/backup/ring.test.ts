import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DataSnapshot } from "../store/backup.js";
import type { CheckReport } from "../store/check-report.js";
import { findBackup, kindOf } from "./find-backup.js";
import { addToRing, chooseFromRing, ringEntries } from "./ring.js";

let folder: string;
let ring: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kvasir-ring-"));
  ring = join(folder, "ring");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SOUND: CheckReport = { readable: true, entries: 1, bytes: 2, problemCount: 0, problems: [] };
const timeMs = (text: string) => Date.parse(text);

function snapshotAt(atMs: number, text = "data"): DataSnapshot {
  return {
    byteLength: text.length,
    atMs,
    position: "c1",
    format: 2,
    async *chunks() {
      yield Buffer.from(text);
    },
    release() {},
  };
}

const add = (time: string, keep = 3, check = () => SOUND) =>
  addToRing(snapshotAt(timeMs(time)), ring, { keep, check });

const timesIn = () =>
  ringEntries(ring).map(({ manifest }) => new Date(manifest.atMs).toISOString().slice(11, 16));

test("keeps the newest, one folder for each", async () => {
  for (const minute of ["00", "01", "02", "03", "04"]) await add(`2027-01-01T10:${minute}:00Z`);
  expect(timesIn()).toEqual(["10:02", "10:03", "10:04"]);
  expect(readdirSync(ring).sort()).toEqual([
    "2027-01-01T10-02-00.000Z-3",
    "2027-01-01T10-03-00.000Z-4",
    "2027-01-01T10-04-00.000Z-5",
  ]);
});

test("removes nothing when the new one is not sound", async () => {
  for (const minute of ["00", "01", "02"]) await add(`2027-01-01T10:${minute}:00Z`);
  const unsound = () => ({ ...SOUND, problemCount: 1, problems: [{ message: "Damaged." }] });
  await expect(add("2027-01-01T10:03:00Z", 1, unsound)).rejects.toMatchObject({ code: "storage_corrupt" });
  expect(timesIn()).toEqual(["10:00", "10:01", "10:02"]);
  expect(readdirSync(ring)).toHaveLength(3);
});

test("goes by the order in which they were made when the clock is set back", async () => {
  await add("2027-01-01T12:00:00Z");
  await add("2027-01-01T12:01:00Z");
  await add("2027-01-01T10:00:00Z");
  await add("2027-01-01T10:01:00Z");
  expect(timesIn()).toEqual(["12:01", "10:00", "10:01"]);
  await add("2027-01-01T10:01:00Z");
  expect(timesIn()).toEqual(["10:00", "10:01", "10:01"]);
});

test("two who share it keep as many as each wants of all", async () => {
  await Promise.all(
    ["00", "01", "02", "03", "04", "05"].map((minute) => add(`2027-01-01T10:${minute}:00Z`, 4)),
  );
  await add("2027-01-01T10:06:00Z", 4);
  expect(ringEntries(ring)).toHaveLength(4);
  expect(timesIn()).toContain("10:06");
});

test("finds the newest that is not later, and names the choices when there is none", async () => {
  for (const minute of ["00", "05", "10"]) await add(`2027-01-01T10:${minute}:00Z`);
  const chosen = (time: string) => new Date(chooseFromRing(ring, timeMs(time)).manifest.atMs).toISOString();
  expect(chosen("2027-01-01T10:05:00Z")).toBe("2027-01-01T10:05:00.000Z");
  expect(chosen("2027-01-01T10:09:59Z")).toBe("2027-01-01T10:05:00.000Z");
  expect(chosen("2030-01-01")).toBe("2027-01-01T10:10:00.000Z");
  expect(findBackup(ring)).toBe(join(ring, "2027-01-01T10-10-00.000Z-3"));
  expect(() => findBackup(ring, timeMs("2026-12-31"))).toThrow(
    expect.objectContaining({
      code: "bad_request",
      hint: expect.stringContaining("2027-01-01T10:00:00.000Z, 2027-01-01T10:05:00.000Z"),
    }),
  );
});

test("is no data directory, no backup and no file", async () => {
  const { path } = await add("2027-01-01T10:00:00Z");
  expect(kindOf(ring)).toBe("ring");
  expect(kindOf(path)).toBe("backup");
  await expect(addToRing(snapshotAt(0), path, { keep: 1, check: () => SOUND })).rejects.toMatchObject({
    message: expect.stringContaining("is a single backup"),
  });
  const data = join(folder, "data");
  mkdirSync(data);
  writeFileSync(join(data, "data.mdb"), "");
  await expect(addToRing(snapshotAt(0), data, { keep: 1, check: () => SOUND })).rejects.toMatchObject({
    message: expect.stringContaining("is a data directory"),
  });
  await expect(
    addToRing(snapshotAt(0), join(data, "data.mdb"), { keep: 1, check: () => SOUND }),
  ).rejects.toMatchObject({ message: expect.stringContaining("is not a folder") });
});

test("removes what a killed process left, and not what another one is making", async () => {
  await add("2027-01-01T10:00:00Z");
  const host = hostname().replace(/[^A-Za-z0-9.]/g, "_");
  // No system gives a process this number.
  const dead = join(ring, `.2027-01-01T10-00-30.000Z-2.unfinished-${host}-4194999-1`);
  const alive = join(ring, `.2027-01-01T10-00-30.000Z-2.unfinished-${host}-${process.ppid}-1`);
  const elsewhere = join(ring, ".2027-01-01T10-00-30.000Z-2.unfinished-another.host-4194999-1");
  for (const path of [dead, alive, elsewhere]) mkdirSync(path);
  await add("2027-01-01T10:01:00Z");
  expect([dead, alive, elsewhere].map((path) => existsSync(path))).toEqual([false, true, true]);
  expect(timesIn()).toEqual(["10:00", "10:01"]);
});
