import { type KVNamespace, open } from "@kvasir/store";
import { Random } from "../../harness/random.js";
import type { RedisCluster } from "../../harness/redis-cluster.js";
import { ClientProcess } from "./client-process.js";
import type { Fault } from "./faults.js";
import { nowUs, type Operation, type Seen } from "./history.js";
import { type Final, judge, type Run, type Verdict } from "./judge.js";
import { COUNTERS, NAMESPACE, REGISTERS, STAYING, stayingKey } from "./load.js";
import { addressOf, type Network } from "./network.js";
import { type Stage, until, untilAcknowledged } from "./stage.js";

export interface RunOptions {
  /** Names the data, and decides what is chosen at random. */
  readonly seed: string;
  /** How writes are acknowledged. `1` is the control: it loses writes. */
  readonly acks: "all" | "1";
  /** The built client, see `programs/cluster-client.ts`. */
  readonly clientProgram: string;
  readonly network: Network | null;
}

/** What a run did and what it broke. */
export interface RunReport {
  readonly faults: readonly { readonly name: string; readonly ms: number }[];
  readonly acknowledged: number;
  readonly writes: number;
  readonly refused: number;
  readonly unknown: number;
  readonly told: number;
  readonly slowestMs: number;
  readonly verdict: Verdict;
}

/** How each client reads. The last one is left with minorities. */
const READS = ["primary", "strong", "strong"] as const;
/** Acknowledged operations of each client between two faults. */
const BETWEEN = 40;

/** Clients use a cluster while faults happen to it, one after the other. Then what they were told is judged. */
export async function runFaults(
  cluster: RedisCluster,
  faults: readonly Fault[],
  { seed, acks, clientProgram, network }: RunOptions,
): Promise<RunReport> {
  const locator = cluster.locator(`run-${seed}`, `?acks=${acks}&reads=strong`);
  const database = open(locator, { ttlSecondsMin: 1 });
  const all: ClientProcess[] = [];
  try {
    const kv = database.namespace(NAMESPACE);
    for (let at = 0; at < STAYING; at++) await kv.put(stayingKey(at), stayingKey(at));
    const position = await kv.position();
    const clients: ClientProcess[] = [];
    const begin = (place: number, since: string) => {
      const reads = READS[place] ?? "strong";
      const process = ClientProcess.start(clientProgram, {
        client: `${reads}-${all.length}`,
        locator: locator.replace("strong", reads),
        place,
        address: addressOf(network, "client", place),
        position: since,
      });
      all.push(process);
      return process;
    };
    for (const place of READS.keys()) clients.push(begin(place, position));
    const stage: Stage = {
      cluster,
      network,
      random: new Random(seed),
      clients,
      replaceClient: async (client) => {
        await client.kill();
        clients[clients.indexOf(client)] = begin(client.place, client.position ?? position);
      },
    };
    await untilAcknowledged(clients, BETWEEN);
    const timed: { name: string; ms: number }[] = [];
    for (const fault of faults) {
      const beganMs = performance.now();
      await fault.happen(stage);
      await cluster.whole();
      await untilAcknowledged(clients, BETWEEN);
      timed.push({ name: fault.name, ms: Math.round(performance.now() - beganMs) });
    }
    const markedUs = nowUs();
    await kv.put(END, END);
    await until("all watches have caught up", () => clients.every((client) => client.hasTold(END)));
    await Promise.all(clients.map((client) => client.stop()));
    const operations = all.flatMap((client) => client.operations);
    const run: Run = {
      operations,
      watches: clients.map(({ place }) =>
        all.filter((one) => one.place === place).flatMap(({ told }) => told),
      ),
      watchedUntilUs: markedUs,
      final: await finalOf(kv, operations),
    };
    return reportOf(timed, run);
  } finally {
    for (const client of all) client.end();
    await database.close();
  }
}

/** A key that is written last: a watch that has told it has told everything before. */
const END = "new:end";

/** What is stored, read with the cluster whole. */
async function finalOf(kv: KVNamespace, operations: readonly Operation[]): Promise<Final> {
  const keys = [...operations.flatMap(({ request }) => (request.kind === "put" ? [request.key] : [])), END];
  const written = new Map<string, string | null>();
  for (let at = 0; at < keys.length; at += 100) {
    const found = await kv.get(keys.slice(at, at + 100));
    for (const [key, value] of found) written.set(key, value);
  }
  const counters = new Map<string, number>();
  for (let at = 0; at < COUNTERS; at++) {
    counters.set(`counter:${at}`, Number((await kv.get(`counter:${at}`)) ?? 0));
  }
  const registers = new Map<string, Seen>();
  for (let at = 0; at < REGISTERS; at++) {
    const { value, version } = await kv.getWithMetadata(`register:${at}`, { version: true });
    registers.set(`register:${at}`, { value, version });
  }
  return { written, counters, registers };
}

function reportOf(faults: RunReport["faults"], run: Run): RunReport {
  const { operations } = run;
  const count = (is: Operation["outcome"]["is"]) =>
    operations.filter(({ outcome }) => outcome.is === is).length;
  const isWrite = ({ request, outcome }: Operation) =>
    outcome.is === "done" && ["put", "increment", "swap", "write"].includes(request.kind);
  const took = operations
    .filter(({ request, endedUs }) => request.kind !== "list" && Number.isFinite(endedUs))
    .map(({ beganUs, endedUs }) => (endedUs - beganUs) / 1000);
  return {
    faults,
    acknowledged: count("done"),
    writes: operations.filter(isWrite).length,
    refused: count("refused"),
    unknown: count("unknown"),
    told: run.watches.reduce((sum, told) => sum + told.length, 0),
    slowestMs: Math.round(took.reduce((most, ms) => Math.max(most, ms), 0)),
    verdict: judge(run),
  };
}
