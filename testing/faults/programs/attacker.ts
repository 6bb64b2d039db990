import { Random } from "../../harness/random.js";
import type { Surroundings } from "../connections/planned-request.js";
import { badRequestAttacks } from "../hostile/attacks/bad-requests.js";
import { pipelineAttacks } from "../hostile/attacks/pipelines.js";
import { slowAttacks } from "../hostile/attacks/slow-clients.js";
import { ATTACKS_AT_A_TIME } from "../hostile/limits.js";

/** The input of the attackers' process. */
export interface AttackerInput {
  readonly port: number;
  readonly around: Surroundings;
  readonly seed: number;
  /** The number of requests and connections after which it ends. */
  readonly load: number;
  /** The latest end, in seconds from its start. */
  readonly secondsMax: number;
  /** Only attacks whose names contain this text are made. */
  readonly only: string;
}

/** The report of the attackers' process. */
export interface AttackerReport {
  readonly requests: number;
  readonly connections: number;
  /** By attack. */
  readonly bursts: Readonly<Record<string, number>>;
}

/** Runs attacks until they add up to the load, each at least once. Attacks that take long run less often. */
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
      // So that no other lane picks the same attack next.
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
