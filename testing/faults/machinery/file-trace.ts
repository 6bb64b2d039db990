import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Requirement } from "../../harness/requirements.js";

export const strace: Requirement = {
  name: "strace",
  met: spawnSync("strace", ["-c", "true"]).status === 0,
};

/**
 * What a process did to its data file and reported to others, in order. `from` and `until` are the positions
 * in the trace at which the call began and had returned. Events between them happened at the same time.
 */
export type FileEvent =
  | {
      /**
       * Bytes that are in the page cache. With `through` (`O_DSYNC`) they are also on disk once the call has
       * returned.
       */
      readonly type: "write";
      readonly from: number;
      readonly until: number;
      readonly at: number;
      readonly bytes: Buffer;
      readonly through: boolean;
    }
  /** Everything written before the call began is on disk once it has returned. */
  | { readonly type: "flush"; readonly from: number; readonly until: number }
  /** A line of output on the traced descriptor. */
  | { readonly type: "told"; readonly from: number; readonly until: number; readonly text: string };

export interface TracedRun {
  readonly directory: string;
  /** The traced file in `directory`. */
  readonly file: string;
  /** The descriptor on which the program reports what it has done. */
  readonly descriptor: number;
  /** The file for the trace itself. */
  readonly log: string;
  readonly timeoutMs: number;
}

const WATCHED = [
  ...["openat", "mmap", "lseek", "pwrite64", "pwritev", "write", "writev"],
  ...["fdatasync", "fsync", "msync", "sync_file_range", "ftruncate", "fallocate"],
].join();
/** Longer than any one write, so that the trace contains all of it. */
const STRING_BYTES_MAX = 16_777_216;

/**
 * Runs one of our programs to its end under `strace`.
 *
 * @throws Error if the program fails, or changes the file in a way that the trace cannot follow, such as a
 * writable mapping
 */
export function traceFile(command: readonly string[], run: TracedRun): FileEvent[] {
  const { status, stderr } = spawnSync(
    "strace",
    // `-xx` prints hexadecimal, `-v` leaves nothing out of a long list of buffers.
    [
      "-f",
      "-y",
      "-xx",
      "-v",
      "-s",
      String(STRING_BYTES_MAX),
      "-e",
      `trace=${WATCHED}`,
      "-o",
      run.log,
      ...command,
    ],
    { timeout: run.timeoutMs, stdio: ["ignore", "ignore", "pipe", "ignore"] },
  );
  if (status !== 0) throw new Error(`The traced program ended with ${status}: ${stderr.toString()}`);
  return eventsOf(readFileSync(run.log, "latin1"), run);
}

function eventsOf(log: string, { directory, file, descriptor }: TracedRun): FileEvent[] {
  const name = `<${hexOf(join(directory, file))}>`;
  /** Descriptors that flush each write. */
  const through = new Set<string>();
  /** The file positions of descriptors. */
  const positions = new Map<string, number>();
  const events: FileEvent[] = [];
  for (const { text, from, until } of callsOf(log)) {
    const told = text.startsWith(`write(${descriptor}<`);
    if (!told && !text.includes(name)) continue;
    const result = Number(/ = (-?\d+)(?:<[^>]*>)?(?: \(.*\))?$/.exec(text.slice(-400))?.[1] ?? Number.NaN);
    const call = text.slice(0, text.indexOf("("));
    const [, fd = ""] = /\((\d+)</.exec(text) ?? [];
    if (told) {
      events.push({ type: "told", from, until, text: unescaped(text.slice(text.indexOf('"'))).toString() });
    } else if (call === "openat") {
      if (/O_D?SYNC/.test(text)) through.add(String(result));
      else through.delete(String(result));
    } else if (call === "fdatasync" || call === "fsync") {
      if (result === 0) events.push({ type: "flush", from, until });
    } else if (call === "lseek") {
      positions.set(fd, result);
    } else if (call === "pwrite64" || call === "pwritev" || call === "writev") {
      const at = call === "writev" ? positions.get(fd) : Number(/, (\d+)\) +=/.exec(text.slice(-400))?.[1]);
      if (at === undefined) throw new Error(`Nobody said where this goes: ${text.slice(0, 300)}`);
      const bytes = unescaped(text.slice(text.indexOf(name) + name.length)).subarray(0, Math.max(0, result));
      events.push({ type: "write", from, until, at, bytes, through: through.has(fd) });
      if (call === "writev") positions.set(fd, at + bytes.length);
    } else if (call !== "mmap" || /PROT_WRITE[^"]*MAP_SHARED/.test(text)) {
      throw new Error(`A call that this test cannot follow: ${text.slice(0, 300)}`);
    }
  }
  return events;
}

interface Call {
  readonly text: string;
  readonly from: number;
  readonly until: number;
}

/**
 * Joins calls that another thread interrupted: `unfinished …` and `… resumed` are one call, which is done at
 * the latter.
 */
function callsOf(log: string): Call[] {
  const unfinished = new Map<string, { readonly text: string; readonly from: number }>();
  return log.split("\n").flatMap((line, place): Call[] => {
    const [thread = ""] = line.split(" ", 1);
    const text = line.slice(thread.length).trimStart();
    if (text.endsWith("<unfinished ...>")) {
      unfinished.set(thread, { text: text.slice(0, -"<unfinished ...>".length).trimEnd(), from: place });
      return [];
    }
    if (!text.startsWith("<... ")) return [{ text, from: place, until: place }];
    const begun = unfinished.get(thread);
    if (begun === undefined) return [];
    return [{ text: begun.text + text.slice(text.indexOf(">") + 1), from: begun.from, until: place }];
  });
}

/** The bytes of all strings in a line, concatenated. */
function unescaped(text: string): Buffer {
  const strings = text.match(/"[^"]*"/g) ?? [];
  return Buffer.concat(strings.map((each) => Buffer.from(each.slice(1, -1).replaceAll("\\x", ""), "hex")));
}

function hexOf(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}
