import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { OOM_SCORE, RESERVED_BYTES_SPARE, RESERVED_PER_USED_MAX } from "./limits.js";
import type { MemoryLimit } from "./memory-limit.js";

export interface LimitedCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly memory: MemoryLimit;
}

/** Shells set these themselves. */
const SHELL_NAMES = ["PWD", "OLDPWD", "SHLVL", "_"];
const SHELL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Starts a program under kernel limits, so that it cannot exhaust the machine however fast it allocates. Its
 * writable memory is limited, and the kernel kills it first when memory runs out. It may open as many files
 * as this process, whose limit Node has raised to the maximum.
 */
export function spawnLimited(
  { command, args, memory }: LimitedCommand,
  options: SpawnOptions & { readonly env: NodeJS.ProcessEnv },
): ChildProcess {
  const names = Object.keys(options.env);
  // A shell drops variables with other names. Such a program starts without these
  // limits, but is still measured.
  const hasShell = process.platform !== "win32" && names.every((name) => SHELL_NAME.test(name));
  const child = hasShell
    ? spawn("/bin/sh", ["-c", script(names, memory), "sh", command, ...args], options)
    : spawn(command, args, options);
  if (child.pid !== undefined) endFirst(child.pid);
  return child;
}

/** Why a child has no process id: no descriptors or processes left, or no such program. */
export async function spawnError(child: ChildProcess): Promise<Error> {
  const [error] = (await once(child, "error")) as [Error];
  return error;
}

/**
 * `exec` keeps the process id and the inherited descriptors. If the system has no such
 * limit, the program starts anyway.
 */
function script(names: readonly string[], { bytes }: MemoryLimit): string {
  const reservedKib = Math.round((bytes * RESERVED_PER_USED_MAX + RESERVED_BYTES_SPARE) / 1024);
  const added = SHELL_NAMES.filter((name) => !names.includes(name));
  return `ulimit -d ${reservedKib} 2>/dev/null; unset ${added.join(" ")}; exec "$@"`;
}

function endFirst(pid: number): void {
  if (process.platform !== "linux") return;
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, String(OOM_SCORE));
  } catch {
    // The process has ended, or the system forbids it. The kernel then decides by size alone.
  }
}
