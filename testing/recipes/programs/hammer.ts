import { once } from "node:events";
import { connect } from "@kvasir/client";
import { type Call, type TaskName, tasks } from "../tasks.js";

/** What a process that hammers is told. */
export interface HammerInput {
  readonly process: number;
  readonly clients: number;
  readonly callsPerClient: number;
  readonly task: TaskName;
  readonly call: Partial<Call>;
  /** Over HTTP: the namespace that it calls itself. */
  readonly api?: { readonly url: string; readonly namespace: string; readonly token: string };
  /** From Workers: where the function answers that calls for it. */
  readonly functions?: string;
}

const input = JSON.parse(process.argv[2] ?? "") as HammerInput;
const { task, callsPerClient } = input;
const kv = input.api && connect(input.api);

async function call(client: string, number: number): Promise<unknown> {
  const call: Call = { ...input.call, client, number };
  if (kv !== undefined) return tasks[task](kv, call);
  const response = await fetch(`${input.functions}/${task}`, { method: "POST", body: JSON.stringify(call) });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return ((await response.json()) as { readonly result: unknown }).result;
}

// All processes begin together, when the last of them is ready.
process.stdout.write("ready\n");
await once(process.stdin, "data");
process.stdin.destroy();

const results = await Promise.all(
  Array.from({ length: input.clients }, async (_, at) => {
    const own: unknown[] = [];
    for (let number = 0; number < callsPerClient; number++)
      own.push(await call(`${input.process}.${at}`, number));
    return own;
  }),
);
process.stdout.write(`${JSON.stringify(results.flat())}\n`);
