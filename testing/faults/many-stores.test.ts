/**
 * Faults tolerated here: more stores in one process than fit in its address space or its file descriptors. A
 * store that does not fit is refused with a text that says what to do. Open stores keep working.
 */
import { spawnSync } from "node:child_process";
import { open } from "@kvasir/store";
import { describe, expect, test } from "vitest";
import { buildProgram } from "../harness/build-program.js";
import { describeWith } from "../harness/requirements.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";

interface Opened {
  readonly opened: number;
  readonly refused: { readonly code: string; readonly text: string } | null;
}

/** Runs in a process of its own, with limits set by the shell. */
async function openMany(count: number, location: string, limits = "true"): Promise<Opened> {
  const program = await buildProgram("faults/programs/opener");
  const command = `${limits} && exec "$0" "$@"`;
  const args = [process.execPath, program, String(count), location];
  const { stdout, stderr, status, signal } = spawnSync("sh", ["-c", command, ...args], { encoding: "utf8" });
  expect(status, `${signal} ${stderr}`).toBe(0);
  return JSON.parse(stdout) as Opened;
}

describe("many stores in one process", () => {
  test("200 stores in memory, none of them closed, work", async () => {
    expect(await openMany(200, ":memory:")).toEqual({ opened: 200, refused: null });
  });

  test("more data directories than the addresses have room for are refused", async () => {
    const { opened, refused } = await openMany(130, temporaryDirectory());
    expect(opened).toBeGreaterThan(50);
    expect(refused).toMatchObject({ code: "unavailable" });
    expect(refused?.text).toMatch(/address space.*Close some of them/s);
  });
});

describeWith({ name: "Linux", met: process.platform === "linux" }, "limits of a process", () => {
  test.each([":memory:", "a directory"])("too little address space is an error: %s", async (location) => {
    const where = location === ":memory:" ? location : temporaryDirectory();
    // Node itself takes about a gigabyte of address space.
    const { refused } = await openMany(200, where, "ulimit -v 6000000");
    expect(refused).toMatchObject({ code: "unavailable" });
    expect(refused?.text).toContain("ulimit -v");
  });

  test.each([":memory:", "a directory"])("too few file descriptors are an error: %s", async (location) => {
    const where = location === ":memory:" ? location : temporaryDirectory();
    const { opened, refused } = await openMany(40, where, "ulimit -n 80");
    expect(opened).toBeGreaterThan(5);
    expect(refused).toMatchObject({ code: "unavailable" });
    expect(refused?.text).toContain("ulimit -n");
  });
});

test("a store in memory grows beyond the addresses that it begins with, while it is read", async () => {
  const database = open(":memory:");
  const kv = database.namespace("grows");
  const value = "x".repeat(1_000_000);
  for (let index = 0; index < 160; index++) {
    const written = kv.put(`key:${index}`, value);
    if (index > 0) expect((await kv.get(`key:${index - 1}`))?.length).toBe(value.length);
    await written;
  }
  expect((await kv.list()).keys).toHaveLength(160);
  await database.close();
});
