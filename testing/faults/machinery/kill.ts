import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { killMomentOf } from "../../harness/kill-moment.js";
import type { WriterInput } from "../programs/writer.js";
import type { Acknowledgement } from "../workload/lane.js";

/**
 * Starts the writer, kills it at the moment that the seed chooses, and waits until it is dead.
 *
 * @returns what the writer acknowledged, including what it wrote to the journal between the decision and its
 * death
 * @throws Error if the writer ends by itself, because then something failed without the kill
 */
export async function writeUntilKilled(program: string, input: WriterInput): Promise<Acknowledgement[]> {
  const moment = killMomentOf(input.seed);
  const child = spawn(process.execPath, [program, JSON.stringify(input)], {
    stdio: ["ignore", "inherit", "pipe", "pipe"],
  });
  const said = gather(child.stderr as Readable);
  const exited = once(child, "exit");
  const acknowledged: Acknowledgement[] = [];
  for await (const line of createInterface({ input: child.stdio[3] as Readable })) {
    // The kill may cut off the last line while it is written. That write was then not acknowledged.
    if (line.endsWith("}")) acknowledged.push(JSON.parse(line) as Acknowledgement);
    if (acknowledged.length === moment.acknowledged) killAfter(child, moment.delayUs);
  }
  await exited;
  if (child.signalCode !== "SIGKILL") throw new Error(`The writer ended with ${child.exitCode}: ${said()}`);
  return acknowledged;
}

/** Waits in a busy loop, because a timer's millisecond would be as long as several writes. */
function killAfter(child: ChildProcess, delayUs: number): void {
  const endMs = performance.now() + delayUs / 1000;
  while (performance.now() < endMs);
  child.kill("SIGKILL");
}

function gather(stream: Readable): () => string {
  let text = "";
  stream.on("data", (chunk: Buffer) => {
    if (text.length < 10_000) text += chunk.toString();
  });
  return () => text;
}
