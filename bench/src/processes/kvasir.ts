import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { START_MS_MAX } from "../limits.js";
import type { Workspace } from "../workspace.js";
import { stop } from "./program.js";

const BIN = fileURLToPath(new URL("../../../packages/kvasir/bin/kvasir.js", import.meta.url));

/** The admin token of every server that the benchmarks start. */
export const TOKEN = "bench-token";

export interface KvasirProcess {
  readonly pid: number;
  readonly api: string;
  /** Absent when no function runs. */
  readonly functions: string | undefined;
  /** From the start of the process until its `ready` line was read here, in milliseconds. */
  readonly readyMs: number;
  /** What the `ready` line itself says, in milliseconds. */
  readonly saidMs: number;
  stop(): Promise<void>;
}

/** Runs the program as users do, `node packages/kvasir/bin/kvasir.js …`, on free ports, until the workspace goes. */
export async function startKvasir(workspace: Workspace, args: readonly string[]): Promise<KvasirProcess> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [BIN, ...args, "--json", "--port", "0", "--api-port", "0"], {
    env: { ...process.env, KVASIR_TOKEN: TOKEN },
    stdio: ["ignore", "pipe", "pipe"],
  });
  workspace.onRelease(() => stop(child));
  const ready = await readyEvent(child);
  const readyMs = performance.now() - startedMs;
  if (child.pid === undefined) throw new Error("kvasir did not start.");
  return {
    pid: child.pid,
    api: ready.api,
    functions: ready.functions,
    readyMs,
    saidMs: ready.ms,
    stop: () => stop(child),
  };
}

interface ReadyEvent {
  readonly event: "ready";
  readonly api: string;
  readonly functions?: string;
  readonly ms: number;
}

function readyEvent(child: ChildProcessByStdio<null, Readable, Readable>): Promise<ReadyEvent> {
  return new Promise((resolve, reject) => {
    let said = "";
    const fail = (why: string) => reject(new Error(`kvasir ${why}:\n${said}`));
    const timer = setTimeout(() => fail("was not ready in time"), START_MS_MAX);
    child.once("exit", (code) => fail(`ended with ${code}`));
    child.stderr.on("data", (chunk: Buffer) => {
      if (said.length < 10_000) said += chunk.toString();
    });
    // Both pipes are read to the end of the process, or it would block on them.
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (said.length < 10_000) said += `${line}\n`;
      if (!line.startsWith('{"event":"ready"')) return;
      clearTimeout(timer);
      resolve(JSON.parse(line) as ReadyEvent);
    });
  });
}
