/**
 * Fault tolerated here: the machine loses power right after a write was acknowledged. A test cannot pull the plug, but
 * it can watch the order of the system calls: whatever the process wrote to its data file is flushed, by a call that
 * succeeded, before it says that the write is done.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { describeWith } from "../requirements.js";
import { buildProgram } from "./machinery/build-program.js";
import { temporaryDirectory } from "./machinery/directory.js";

/** As many as the program writes, the one that makes the namespace included. */
const ACKNOWLEDGEMENTS = 21;

const strace = { name: "strace", met: spawnSync("strace", ["-c", "true"]).status === 0 };

/**
 * `write`: to the data file, and only the page cache has it. `head`: to the data file through a descriptor that
 * flushes what it writes (LMDB's way to its head, which makes a transaction count).
 */
type Call = "write" | "head" | "flush" | "acknowledgement";

describeWith(strace, "an acknowledged write", () => {
  let program: string;
  beforeAll(async () => {
    program = await buildProgram("acknowledger");
  });

  test("was flushed to disk before, and its pages before the head that refers to them", () => {
    const calls = traced(program, temporaryDirectory());
    expect(calls.filter((call) => call === "acknowledgement")).toHaveLength(ACKNOWLEDGEMENTS);
    let unflushed = 0;
    let heads = 0;
    for (const [index, call] of calls.entries()) {
      const where = `call ${index}: ${calls.slice(Math.max(0, index - 5), index + 1).join(" ")}`;
      if (call === "write") unflushed++;
      if (call === "flush") unflushed = 0;
      if (call === "head") {
        expect(unflushed, `pages not flushed before the head, ${where}`).toBe(0);
        heads++;
      }
      if (call === "acknowledgement") {
        expect(unflushed, `pages not flushed before an acknowledgement, ${where}`).toBe(0);
        expect(heads, `nothing was committed before an acknowledgement, ${where}`).toBeGreaterThan(0);
        heads = 0;
      }
    }
  });
});

/** What the program did to its data file and to stdout, in order; the calls count when they have returned. */
function traced(program: string, directory: string): Call[] {
  const log = `${temporaryDirectory()}/trace`;
  const watched = "trace=openat,pwrite64,pwritev,write,writev,fdatasync,fsync,msync";
  const { status, stderr } = spawnSync(
    "strace",
    ["-f", "-y", "-s", "16", "-e", watched, "-o", log, process.execPath, program, directory],
    { timeout: 60_000 },
  );
  expect(status, stderr.toString()).toBe(0);
  const flushing = new Set<string>();
  return completed(readFileSync(log, "utf8").split("\n")).flatMap((line): Call[] => {
    const opened = /openat\(.*?, (O_[A-Z_|]+).* = (\d+)</.exec(line);
    if (opened?.[1] !== undefined && opened[2] !== undefined) {
      if (/O_D?SYNC/.test(opened[1])) flushing.add(opened[2]);
      else flushing.delete(opened[2]);
    }
    if (/ write\(1<.*"acknowledged/.test(line)) return ["acknowledgement"];
    if (/ (fdatasync|fsync|msync)\(.* = 0$/.test(line)) return ["flush"];
    const written = / (?:pwrite64|pwritev|writev|write)\((\d+)<(.*?)>/.exec(line);
    if (written?.[1] === undefined || !written[2]?.startsWith(`${directory}/data.mdb`)) return [];
    return [flushing.has(written[1]) ? "head" : "write"];
  });
}

/** Joins calls that another thread interrupted: `unfinished …` and `… resumed` are one call, done at the latter. */
function completed(lines: readonly string[]): string[] {
  const unfinished = new Map<string, string>();
  return lines.flatMap((line) => {
    const thread = line.split(" ", 1)[0] ?? "";
    if (line.endsWith("<unfinished ...>")) {
      unfinished.set(thread, line.slice(0, -"<unfinished ...>".length).trimEnd());
      return [];
    }
    const resumed = /<\.\.\. \w+ resumed>(.*)$/.exec(line);
    return [resumed === null ? line : `${unfinished.get(thread) ?? ""}${resumed[1] ?? ""}`];
  });
}
