import { createInterface } from "node:readline";
import { connect } from "@kvasir/client";
import { type Call, type TaskName, tasks } from "../tasks.js";

/** The addresses that a hammering process uses, and its number. */
export interface HammerInput {
  readonly process: number;
  readonly api: { readonly url: string; readonly namespace: string; readonly token: string };
  /** The URL of the function that does a task in a Worker. */
  readonly functions: string;
}

/**
 * One line of input: the task for each of its clients, and how often. The response is one line with all
 * results.
 */
export interface HammerJob {
  readonly way: "over HTTP" | "from Workers";
  readonly task: TaskName;
  readonly clients: number;
  readonly callsPerClient: number;
  readonly call: Partial<Call>;
}

const input = JSON.parse(process.argv[2] ?? "") as HammerInput;
const kv = connect(input.api);

async function callWorker(task: TaskName, call: Call): Promise<unknown> {
  const response = await fetch(`${input.functions}/${task}`, { method: "POST", body: JSON.stringify(call) });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return ((await response.json()) as { readonly result: unknown }).result;
}

async function client(at: number, { way, task, callsPerClient, call }: HammerJob): Promise<unknown[]> {
  const results: unknown[] = [];
  for (let number = 0; number < callsPerClient; number++) {
    const own: Call = { ...call, client: `${input.process}.${at}`, number };
    results.push(await (way === "over HTTP" ? tasks[task](kv, own) : callWorker(task, own)));
  }
  return results;
}

for await (const line of createInterface({ input: process.stdin })) {
  const job = JSON.parse(line) as HammerJob;
  const results = await Promise.all(Array.from({ length: job.clients }, (_, at) => client(at, job)));
  process.stdout.write(`${JSON.stringify(results.flat())}\n`);
}
