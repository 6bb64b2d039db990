import { Random } from "../../harness/random.js";
import type { Surroundings } from "../connections/planned-request.js";
import { badRequestAttacks } from "../hostile/attacks/bad-requests.js";
import { pipelineAttacks } from "../hostile/attacks/pipelines.js";
import { slowAttacks } from "../hostile/attacks/slow-clients.js";
import { ATTACKS_AT_A_TIME } from "../hostile/limits.js";

/** What the process of the attackers is told. */
export interface AttackerInput {
  readonly port: number;
  readonly around: Surroundings;
  readonly seed: number;
  /** Requests and connections after which it ends. */
  readonly load: number;
  /** When it ends at the latest, in seconds from its start. */
  readonly secondsMax: number;
  /** Part of the names of the attacks that it makes. */
  readonly only: string;
}

/** What it did. */
export interface AttackerReport {
  readonly requests: number;
  readonly connections: number;
  /** By attack. */
  readonly bursts: Readonly<Record<string, number>>;
}

/** Runs attacks until they made up the load, each at least once; those that take long less often than others. */
async function attack({
  port,
  around,
  seed,
  load,
  secondsMax,
  only,
}: AttackerInput): Promise<AttackerReport> {
  const random = new Random(seed);
  const deadline = performance.now() + secondsMax * 1000;
  const attacks = [...slowAttacks, ...pipelineAttacks, ...badRequestAttacks]
    .filter(({ name }) => name.includes(only))
    .map((each) => ({ ...each, bursts: 0, spentMs: 0 }));
  let [requests, connections] = [0, 0];
  const lane = async () => {
    while (performance.now() < deadline) {
      const next = attacks.reduce((least, each) => (each.spentMs < least.spentMs ? each : least));
      if (next.bursts > 0 && requests + connections >= load) return;
      next.bursts++;
      const startedMs = performance.now();
      // So that no other lane takes it next.
      next.spentMs += 1;
      const done = await next.burst({ port, around, random });
      next.spentMs += performance.now() - startedMs;
      requests += done.requests;
      connections += done.connections;
    }
  };
  await Promise.all(Array.from({ length: ATTACKS_AT_A_TIME }, lane));
  return {
    requests,
    connections,
    bursts: Object.fromEntries(attacks.map(({ name, bursts }) => [name, bursts])),
  };
}

process.send?.(await attack(JSON.parse(process.argv[2] as string) as AttackerInput));
process.disconnect?.();
