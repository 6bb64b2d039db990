import { readdirSync, readFileSync } from "node:fs";
import type { ProcessActivity, ProcessReader } from "./process-reader.js";

/** Unit of the times in `/proc/PID/stat`: 1/100 s on every platform that Node runs on. */
const MS_PER_TICK = 10;

/** Reads `/proc`. The reads are synchronous: the kernel serves them from memory in microseconds. */
export class LinuxProcesses implements ProcessReader {
  readonly isCostly = false;

  async memoryBytes(pid: number): Promise<number | undefined> {
    const status = read(`/proc/${pid}/status`);
    if (status === undefined) return undefined;
    const started = childrenOf(pid).map((child) => startedMemoryBytes(child));
    return started.reduce((sum, bytes) => sum + bytes, kibOf(status, "VmRSS") * 1024);
  }

  async activity(pid: number): Promise<ProcessActivity | undefined> {
    // The name in parentheses may contain any character, including parentheses.
    const fields = read(`/proc/${pid}/stat`)?.split(") ").at(-1)?.split(" ");
    if (fields === undefined) return undefined;
    const [state = ""] = fields;
    const waitedMs = new Map<number, number>();
    for (const thread of list(`/proc/${pid}/task`)) {
      const [, waitedNs = "0"] = read(`/proc/${pid}/task/${thread}/schedstat`)?.split(" ") ?? [];
      waitedMs.set(Number(thread), Number(waitedNs) / 1e6);
    }
    const [userTicks, systemTicks] = mainThreadTicks(pid, fields);
    return { cpuMs: (userTicks + systemTicks) * MS_PER_TICK, waitedMs, held: "TtD".includes(state) };
  }
}

function mainThreadTicks(pid: number, processFields: readonly string[]): [number, number] {
  const fields = read(`/proc/${pid}/task/${pid}/stat`)?.split(") ").at(-1)?.split(" ") ?? processFields;
  return [Number(fields[11]), Number(fields[12])];
}

/** Excludes pages that are backed by files: the parent uses the same programs and libraries. */
function startedMemoryBytes(pid: number): number {
  const status = read(`/proc/${pid}/status`) ?? "";
  const own = (kibOf(status, "VmRSS") - kibOf(status, "RssFile")) * 1024;
  return childrenOf(pid).reduce((sum, child) => sum + startedMemoryBytes(child), own);
}

/**
 * Checks all threads, because any of them may have started a child. Empty on a
 * kernel without CONFIG_PROC_CHILDREN.
 */
function childrenOf(pid: number): number[] {
  return list(`/proc/${pid}/task`).flatMap((thread) => {
    const children = read(`/proc/${pid}/task/${thread}/children`)?.trim() ?? "";
    return children === "" ? [] : children.split(" ").map(Number);
  });
}

function kibOf(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
