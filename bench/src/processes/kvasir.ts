import { fileURLToPath } from "node:url";
import type { Workspace } from "../workspace.js";
import { startServer } from "./child.js";

const BIN = fileURLToPath(new URL("../../../packages/kvasir/bin/kvasir.js", import.meta.url));

/** The admin token of every server that the benchmarks start. */
export const TOKEN = "bench-token";

export interface KvasirProcess {
  readonly pid: number;
  readonly api: string;
  /** Absent if no function runs. */
  readonly functions: string | undefined;
  /** The time from the start of the process until this process read its `ready` line, in milliseconds. */
  readonly readyMs: number;
  /** The time that the `ready` line itself reports, in milliseconds. */
  readonly saidMs: number;
  stop(): Promise<void>;
}

interface ReadyEvent {
  readonly event: "ready";
  readonly api: string;
  readonly functions?: string;
  readonly ms: number;
}

/**
 * Runs the program as users do, `node packages/kvasir/bin/kvasir.js …`, on free ports, until the workspace
 * ends.
 */
export async function startKvasir(workspace: Workspace, args: readonly string[]): Promise<KvasirProcess> {
  const startedMs = performance.now();
  const { pid, readyLine, stop } = await startServer(workspace, {
    command: process.execPath,
    args: [BIN, ...args, "--json", "--port", "0", "--api-port", "0"],
    env: { ...process.env, KVASIR_TOKEN: TOKEN },
    isReady: (line) => line.startsWith('{"event":"ready"'),
  });
  const readyMs = performance.now() - startedMs;
  const ready = JSON.parse(readyLine) as ReadyEvent;
  return { pid, api: ready.api, functions: ready.functions, readyMs, saidMs: ready.ms, stop };
}
