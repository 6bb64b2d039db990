import { readdirSync, readFileSync } from "node:fs";
import type { Missing } from "./row.js";
import { percentile } from "./summary.js";

/** Linux counts CPU time in hundredths of a second (USER_HZ), on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Whether this system reports what a process uses. Linux does. */
export const canMeasureUsage = process.platform === "linux";

/** Why memory is not measured on other systems. */
export const memoryIsUnknown: Missing = {
  missing: "this operating system",
  reason: "only Linux tells memory apart from the page cache (/proc/<pid>/smaps_rollup)",
};

/** A process and all its descendants. */
export function processTree(root: number): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statFields(Number(name))?.[1]);
    if (!Number.isNaN(parent)) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(childrenOf.get(pid) ?? []));
  return tree;
}

/** CPU time that a process and its descendants have used so far, in seconds. */
export function cpuSeconds(root: number): number {
  return processTree(root).reduce((sum, pid) => {
    const fields = statFields(pid);
    return fields === undefined ? sum : sum + (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }, 0);
}

/**
 * Memory that a process and its descendants hold, without the page cache, in bytes.
 *
 * RSS includes the pages of a memory-mapped store that happen to be in memory. Those belong to the page
 * cache. The kernel reclaims them whenever it needs to, and on a large store they grow to fill all free
 * memory. The process itself needs its anonymous memory (heap, stacks, buffers, private copies of mapped
 * pages), which the kernel reports as `Anonymous` in `smaps_rollup`. File-backed pages, including those of
 * the executable, are left out.
 */
export function anonymousBytes(root: number): number {
  return processTree(root).reduce((sum, pid) => {
    try {
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
      return sum + Number(/^Anonymous:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * 1024;
    } catch {
      return sum; // The process ended between the listing and the read.
    }
  }, 0);
}

/** The fields of /proc/<pid>/stat after the command, which may contain blanks: state is 0, parent is 1. */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

/** Tracks the highest memory of a process tree, from now until `stop`. */
export function watchMemory(root: number, everyMs = 20): { stop(): number } {
  let most = anonymousBytes(root);
  const timer = setInterval(() => {
    most = Math.max(most, anonymousBytes(root));
  }, everyMs);
  return {
    stop() {
      clearInterval(timer);
      return Math.max(most, anonymousBytes(root));
    },
  };
}

/** The CPU time of a request on either server, the figure that a slow load generator does not distort. */
export function cpuNote(oursUs: readonly number[], peerUs: readonly number[]): string {
  if (!canMeasureUsage) return "CPU time of a request is only measured on Linux";
  const [ours, peer] = [percentile(oursUs, 50), percentile(peerUs, 50)];
  return `CPU of one request: ${ours.toFixed(1)} µs, peer ${peer.toFixed(1)} µs (${(peer / ours).toFixed(2)}x)`;
}
