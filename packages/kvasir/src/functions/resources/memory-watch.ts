import {
  MEMORY_BYTES_PER_MS,
  MEMORY_CHECK_BY_PROGRAM_MS,
  MEMORY_CHECK_MS_MAX,
  MEMORY_CHECK_MS_MIN,
} from "./limits.js";
import type { ProcessReader } from "./process-reader.js";
import { systemProcesses } from "./system-processes.js";
import { pause } from "./timers.js";

export interface MemoryWatchOptions {
  readonly pid: number;
  readonly bytesMax: number;
  /** Called once, with the memory in bytes of the process and its children. */
  readonly onExceeded: (bytes: number) => void;
  /** @default the processes of this machine */
  readonly reader?: ProcessReader;
  /** @default real time */
  readonly wait?: (ms: number) => Promise<void>;
}

/**
 * Measures the memory of a process until it exceeds its limit, or until the returned function is called. A
 * process far from its limit is measured rarely. A process that could reach it soon is measured often.
 */
export function watchMemory({
  pid,
  bytesMax,
  onExceeded,
  reader = systemProcesses,
  wait = pause,
}: MemoryWatchOptions): () => void {
  let ended = false;
  const watch = async () => {
    while (!ended) {
      const bytes = await reader.memoryBytes(pid);
      if (ended) return;
      if (bytes !== undefined && bytes > bytesMax) return onExceeded(bytes);
      await wait(reader.isCostly ? MEMORY_CHECK_BY_PROGRAM_MS : checkAgainMs(bytesMax - (bytes ?? 0)));
    }
  };
  void watch();
  return () => {
    ended = true;
  };
}

/** Half the time that a process needs to fill the remaining memory. */
function checkAgainMs(bytesLeft: number): number {
  const ms = bytesLeft / MEMORY_BYTES_PER_MS / 2;
  return Math.max(MEMORY_CHECK_MS_MIN, Math.min(MEMORY_CHECK_MS_MAX, ms));
}
