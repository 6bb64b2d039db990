import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { buildProgram } from "../../harness/build-program.js";
import { IN_OWN_NETWORK } from "./network.js";
import type { RunReport } from "./run.js";

/** What the program `programs/cluster-faults.ts` is started with, as JSON. */
export interface FaultsInput {
  readonly ownNetwork: boolean;
  /** Of each primary. */
  readonly replicas: number;
  readonly clientProgram: string;
  readonly runs: readonly PlannedRun[];
}

export interface PlannedRun {
  readonly seed: string;
  readonly acks: "all" | "1";
  /** Names of faults, in order. */
  readonly faults: readonly string[];
}

/**
 * Makes runs on one cluster, in a process with a network of its own where that is allowed. Yields the report of
 * each.
 *
 * @throws Error when a run did not come to its end
 */
export async function* runInOwnNetwork(
  runs: readonly PlannedRun[],
  { replicas }: { readonly replicas: number },
): AsyncGenerator<RunReport> {
  const clientProgram = await buildProgram("faults/programs/cluster-client");
  const program = await buildProgram("faults/programs/cluster-faults");
  const ownNetwork = IN_OWN_NETWORK.length > 0;
  const input: FaultsInput = { ownNetwork, replicas, clientProgram, runs };
  const [command = "", ...args] = [...IN_OWN_NETWORK, process.execPath, program, JSON.stringify(input)];
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  try {
    for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line) as RunReport;
    await exited;
    if (child.exitCode !== 0)
      throw new Error(`The runs ended early, with ${child.exitCode ?? child.signalCode}.`);
  } finally {
    // It stops its servers and ends when its input does.
    child.stdin.end();
  }
}
