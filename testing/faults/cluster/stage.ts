import { setTimeout as pause } from "node:timers/promises";
import type { Random } from "../../harness/random.js";
import type { RedisCluster, RedisNode } from "../../harness/redis-cluster.js";
import type { ClientProcess } from "./client-process.js";
import type { Network } from "./network.js";

/** What faults happen to. */
export interface Stage {
  readonly cluster: RedisCluster;
  /** `null`: this process has no network of its own, and cannot cut it. */
  readonly network: Network | null;
  readonly random: Random;
  /** Clients that are running. The last one is the one that partitions leave with the minority. */
  readonly clients: ClientProcess[];
  /** Kills a client and starts another in its place, whose watch goes on where the killed one was. */
  replaceClient(client: ClientProcess): Promise<void>;
}

const LOOK_MS = 20;
/** Nothing that faults wait for takes longer. */
const WAIT_MS_MAX = 30_000;

export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const lateMs = performance.now() + WAIT_MS_MAX;
  while (performance.now() < lateMs) {
    if (await holds()) return;
    await pause(LOOK_MS);
  }
  throw new Error(`It did not come to pass that ${what}.`);
}

/** Resolves when each of the clients has been told of `count` more operations that were carried out. */
export async function untilAcknowledged(clients: readonly ClientProcess[], count: number): Promise<void> {
  const wanted = clients.map((client) => client.acknowledged + count);
  await until("clients are served", () =>
    clients.every(({ acknowledged }, at) => acknowledged >= (wanted[at] ?? 0)),
  );
}

/** Resolves when the clients have been told of `count` more operations that failed. */
export async function untilFailed(clients: readonly ClientProcess[], count: number): Promise<void> {
  const failed = () => clients.reduce((sum, client) => sum + client.failed, 0);
  const wanted = failed() + count;
  await until("clients are told of the fault", () => failed() >= wanted);
}

/** Resolves when the others agree that another node serves the slots of `primary`. */
export async function untilReplaced(cluster: RedisCluster, primary: RedisNode): Promise<void> {
  const others = cluster.nodes.filter((node) => node !== primary && node.isRunning);
  await until("a replica takes over", async () => {
    const views = await Promise.allSettled(others.map((node) => node.topology()));
    const seen = views.flatMap((view) => (view.status === "fulfilled" ? view.value.nodes : []));
    return seen.every(({ host, port, slots }) => !isAt(primary, host, port) || slots.length === 0);
  });
}

function isAt(node: RedisNode, host: string, port: number): boolean {
  return node.host === host && node.port === port;
}

/** Primaries that have slots, in the order of their first slot. */
export async function primariesOf(cluster: RedisCluster): Promise<readonly RedisNode[]> {
  const running = cluster.nodes.find((node) => node.isRunning);
  if (running === undefined) throw new Error("All nodes are down.");
  const { nodes } = await running.topology();
  return nodes
    .filter(({ isPrimary, slots }) => isPrimary && slots.length > 0)
    .sort((a, b) => (a.slots[0]?.[0] ?? 0) - (b.slots[0]?.[0] ?? 0))
    .map(({ host, port }) => cluster.nodes.find((node) => isAt(node, host, port)))
    .filter((node) => node !== undefined);
}

/** One of the shards: the one with the catalog as often as the others together. */
export async function anyPrimary({ cluster, random }: Stage): Promise<RedisNode> {
  const [first, ...others] = await primariesOf(cluster);
  if (first === undefined) throw new Error("The cluster has no primaries.");
  return random.chance(0.5) ? first : random.pick(others);
}
