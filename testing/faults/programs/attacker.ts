import { Random } from "../../store/random.js";
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

/** Runs attacks until they made up the load, each at least once. */
async function attack({
  port,
  around,
  seed,
  load,
  secondsMax,
  only,
}: AttackerInput): Promise<AttackerReport> {
  const attacks = [...slowAttacks, ...pipelineAttacks, ...badRequestAttacks].filter(({ name }) =>
    name.includes(only),
  );
  const random = new Random(seed);
  const deadline = performance.now() + secondsMax * 1000;
  const bursts: Record<string, number> = {};
  let [requests, connections] = [0, 0];
  let turn = 0;
  const lane = async () => {
    while ((turn < attacks.length || requests + connections < load) && performance.now() < deadline) {
      const { name, burst } = attacks[turn++] ?? random.pick(attacks);
      const done = await burst({ port, around, random });
      requests += done.requests;
      connections += done.connections;
      bursts[name] = (bursts[name] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: ATTACKS_AT_A_TIME }, lane));
  return { requests, connections, bursts };
}

process.send?.(await attack(JSON.parse(process.argv[2] as string) as AttackerInput));
process.disconnect?.();
