import { TIME_TICK_BY_PROGRAM_MS, TIME_TICK_MS } from "./limits.js";
import type { ProcessActivity, ProcessReader } from "./process-reader.js";
import { systemProcesses } from "./system-processes.js";

export interface ProcessTimeOptions {
  readonly pid: number;
  /** How much time the process may use, in milliseconds. */
  readonly msMax: number;
  /**
   * `computing` counts the CPU time of the main thread. `able` counts the time in which the process could
   * run: not while it waited for a CPU or a disk, or was stopped.
   */
  readonly counts: "computing" | "able";
  /** @default the processes of this machine */
  readonly reader?: ProcessReader;
  /** @default real time */
  readonly clock?: Clock;
}

export interface Clock {
  nowMs(): number;
  wait(ms: number): Promise<void>;
}

/** The result of {@link withinProcessTime} if the process has taken too long. */
export const TOO_LONG = Symbol("too long");

/**
 * Waits for something that a process must do, and limits the process's own time. Wall-clock time would also
 * pass while the machine is too busy to run the process, or suspended.
 */
export async function withinProcessTime<T>(
  awaited: Promise<T>,
  { pid, msMax, counts, reader = systemProcesses, clock = realClock }: ProcessTimeOptions,
): Promise<T | typeof TOO_LONG> {
  let settled = false;
  const watched = awaited.finally(() => {
    settled = true;
  });
  const tickMs = Math.min(reader.isCostly ? TIME_TICK_BY_PROGRAM_MS : TIME_TICK_MS, msMax);
  const count = async (): Promise<T | typeof TOO_LONG> => {
    let before = await reader.activity(pid);
    let beforeMs = clock.nowMs();
    for (let usedMs = 0; usedMs < msMax && !settled; ) {
      await clock.wait(tickMs);
      const after = await reader.activity(pid);
      const afterMs = clock.nowMs();
      // Count at most one tick: if this process was late itself, it may not have seen the result yet.
      const passedMs = Math.min(tickMs, afterMs - beforeMs);
      usedMs += Math.min(passedMs, countedMs(counts, passedMs, before, after));
      [before, beforeMs] = [after, afterMs];
    }
    return settled ? await watched : TOO_LONG;
  };
  return await Promise.race([watched, count()]);
}

function countedMs(
  counts: ProcessTimeOptions["counts"],
  passedMs: number,
  before: ProcessActivity | undefined,
  after: ProcessActivity | undefined,
): number {
  // If the process cannot be measured, use the wall clock.
  if (before === undefined || after === undefined) return passedMs;
  if (counts === "computing") return after.cpuMs - before.cpuMs;
  return after.held ? 0 : Math.max(0, passedMs - waitedMs(before, after));
}

/** The wait of the thread that waited longest. */
function waitedMs(before: ProcessActivity, after: ProcessActivity): number {
  let most = 0;
  for (const [thread, ms] of after.waitedMs) most = Math.max(most, ms - (before.waitedMs.get(thread) ?? 0));
  return most;
}

const realClock: Clock = {
  nowMs: () => performance.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref()),
};
