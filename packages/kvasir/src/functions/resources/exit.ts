import { COMPLAINT_MS } from "./limits.js";
import type { MemoryLimit } from "./memory-limit.js";
import { watchMemory } from "./memory-watch.js";

/** How a function's process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Memory in bytes that the process and its children used when they were killed for it. */
  readonly usedBytes?: number;
  /** The shortage that it reported just before it ended. */
  readonly lacked?: Lack | undefined;
}

type Lack = "memory" | "files";

export interface EndDescription {
  /** Follows the name of the process in a sentence: `used 300 MB of memory, …`. */
  readonly text: string;
  readonly hint?: string | undefined;
}

const MEMORY_HINT =
  "--memory MB lets each function process have more. Look for what is kept between requests: global arrays, maps, caches.";
const FILES_HINT =
  "Raise the limit of open files for Kvasir: `ulimit -n` in a shell, LimitNOFILE= in a systemd unit, --ulimit nofile= in Docker.";

/** Kills a process that exceeds its memory limit. Resolves when the process has ended for any reason. */
export async function enforceMemory(
  exited: Promise<Exit>,
  { pid, memory, kill }: { readonly pid: number; readonly memory: MemoryLimit; readonly kill: () => void },
): Promise<Exit> {
  let usedBytes: number | undefined;
  const stopWatching = watchMemory({
    pid,
    bytesMax: memory.bytes,
    onExceeded(bytes) {
      usedBytes = bytes;
      kill();
    },
  });
  const exit = await exited;
  stopWatching();
  return usedBytes === undefined ? exit : { ...exit, usedBytes };
}

/** Remembers the last shortage that a process reported on standard error. */
export class LastComplaint {
  #lacked: Lack | undefined;
  #atMs = 0;

  /** @param line of standard error */
  hear(line: string): void {
    const lacked = lackOf(line);
    if (lacked === undefined) return;
    this.#lacked = lacked;
    this.#atMs = performance.now();
  }

  /**
   * Call it after the process has ended. Older complaints do not count, because the process survived them.
   */
  get lacked(): Lack | undefined {
    return performance.now() - this.#atMs < COMPLAINT_MS ? this.#lacked : undefined;
  }
}

function lackOf(line: string): Lack | undefined {
  if (/out of memory|allocation failed|MemoryError|std::bad_alloc/i.test(line)) return "memory";
  return /Too many open files/i.test(line) ? "files" : undefined;
}

/** Why a program could not be started. The text follows its name in a sentence. */
export function describeStartError(error: NodeJS.ErrnoException): EndDescription {
  if (error.code === "EMFILE" || error.code === "ENFILE") {
    return { text: "cannot be started: too many files are open", hint: FILES_HINT };
  }
  return { text: `cannot be started: ${error.message}` };
}

export function describeEnd({ code, signal, usedBytes, lacked }: Exit, { mib }: MemoryLimit): EndDescription {
  const how = signal ?? `code ${code}`;
  if (usedBytes !== undefined) {
    const usedMib = Math.ceil(usedBytes / 1_048_576);
    return { text: `used ${usedMib} MB of memory, more than its limit of ${mib} MB`, hint: MEMORY_HINT };
  }
  if (lacked === "memory") {
    return { text: `ran out of memory (${how}) at its limit of ${mib} MB`, hint: MEMORY_HINT };
  }
  if (lacked === "files") return { text: `had too many open files (${how})`, hint: FILES_HINT };
  return { text: `ended unasked (${how})` };
}
