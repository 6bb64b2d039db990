import type { RedisCluster, RedisNode } from "../../harness/redis-cluster.js";
import { filledSlotsOf, moveSlots } from "./move-slots.js";
import type { Network } from "./network.js";
import {
  anyPrimary,
  primariesOf,
  type Stage,
  until,
  untilAcknowledged,
  untilFailed,
  untilReplaced,
} from "./stage.js";

/** Something that happens to a cluster while clients use it. At its end, all nodes run and are connected. */
export interface Fault {
  readonly name: string;
  /** Whether connections between nodes are cut. */
  readonly needsNetwork: boolean;
  happen(stage: Stage): Promise<void>;
}

/** Operations that fail before clients count as told of a fault. */
const FAILED = 12;
/** Slots that are moved at a time: each takes many commands. */
const SLOTS_MOVED = 8;

/** A partition in which the majority elects a new primary. With weaker acknowledgements it loses writes. */
const PARTITION = cutting("partition with a client on each side", async (stage, network) => {
  const primary = await anyPrimary(stage);
  await partition(stage, network, [primary]);
});

export const FAULTS: readonly Fault[] = [
  killing("primary killed and replaced", async ({ cluster }, primary) => {
    await primary.kill();
    await untilReplaced(cluster, primary);
    await primary.start();
  }),
  killing("primary killed and back at once", async (_, primary) => {
    await primary.kill();
    await primary.start();
  }),
  killing("primary and replica killed", async ({ cluster, clients, random }, primary) => {
    const replicas = await cluster.replicasOf(primary);
    const killed = [primary, random.pick(replicas)];
    await Promise.all(killed.map((node) => node.kill()));
    await untilFailed(clients, FAILED);
    // The other shards go on.
    await untilAcknowledged(clients, 100);
    await Promise.all(killed.map((node) => node.start()));
  }),
  killing("all nodes killed", async ({ cluster }) => {
    await Promise.all(cluster.nodes.map((node) => node.kill()));
    await Promise.all(cluster.nodes.map((node) => node.start()));
  }),
  killing("primary stopped, replaced, and going on", async ({ cluster }, primary) => {
    primary.pause();
    await untilReplaced(cluster, primary);
    primary.resume();
  }),
  killing("replica stopped", async ({ cluster, clients, random }, primary) => {
    const replica = random.pick(await cluster.replicasOf(primary));
    replica.pause();
    await untilFailed(clients, FAILED);
    replica.resume();
  }),
  killing("Kvasir killed", async ({ clients, random, replaceClient }) => {
    await replaceClient(random.pick(clients));
  }),
  killing("slots moved", async ({ cluster, clients, random }) => {
    const { primary: from, slots } = await fullestPrimary(cluster);
    const to = random.pick((await primariesOf(cluster)).filter((node) => node !== from));
    await moveSlots(cluster, everyOther(slots), { from, to });
    await untilAcknowledged(clients, 20);
  }),
  killing("shard added and removed", async ({ cluster, clients }) => {
    const { primary: from, slots } = await fullestPrimary(cluster);
    const added = await cluster.addShard();
    const [to] = added as readonly [RedisNode];
    await until("it is part of the cluster, and its replicas follow", async () => {
      const { isOk, following } = await to.view();
      return isOk && following === cluster.replicas;
    });
    const moved = everyOther(slots);
    await moveSlots(cluster, moved, { from, to });
    await cluster.whole();
    await untilAcknowledged(clients, 20);
    await moveSlots(cluster, moved, { from: to, to: from });
    await cluster.removeShard(added);
  }),
  PARTITION,
  cutting("primary and one replica cut off together", async (stage, network) => {
    const primary = await anyPrimary(stage);
    const [replica] = await stage.cluster.replicasOf(primary);
    await partition(stage, network, replica === undefined ? [primary] : [primary, replica]);
  }),
  cutting("stale replica elected", async (stage, network) => {
    const { cluster, clients } = stage;
    const primary = await anyPrimary(stage);
    const replicas = await cluster.replicasOf(primary);
    const [stale, ...others] = replicas as readonly [RedisNode];
    network.cut([stale.host], [primary.host]);
    await untilAcknowledged(clients, 20);
    const killed = [primary, ...others];
    await Promise.all(killed.map((node) => node.kill()));
    network.heal();
    await untilReplaced(cluster, primary);
    await Promise.all(killed.map((node) => node.start()));
  }),
  cutting("replica that is heard and hears nothing", async (stage, network) => {
    const primary = await anyPrimary(stage);
    const [replica] = (await stage.cluster.replicasOf(primary)) as readonly [RedisNode];
    const [from, to] = stage.random.chance(0.5) ? [primary, replica] : [replica, primary];
    network.cutOneWay([from.host], [to.host]);
    await untilFailed(stage.clients, FAILED);
    network.heal();
  }),
  cutting("client cut off from a shard", async (stage, network) => {
    const primary = await anyPrimary(stage);
    const client = stage.random.pick(stage.clients);
    network.cut([client.address], [primary.host]);
    await untilFailed([client], FAILED / 2);
    network.heal();
  }),
];

/** So that clients still use the node which they leave. */
function everyOther(slots: readonly number[]): readonly number[] {
  return slots.filter((_, at) => at % 2 === 0).slice(0, SLOTS_MOVED);
}

/** The primary with the most slots that hold keys. */
async function fullestPrimary(cluster: RedisCluster) {
  const primaries = await primariesOf(cluster);
  const each = await Promise.all(
    primaries.map(async (primary) => ({ primary, slots: await filledSlotsOf(primary) })),
  );
  const [fullest] = each.sort((a, b) => b.slots.length - a.slots.length);
  if (fullest === undefined) throw new Error("The cluster has no primaries.");
  return fullest;
}

/** Cuts off some nodes together with the last client until the others have replaced the primary, if they can. */
async function partition(
  { cluster, clients }: Stage,
  network: Network,
  minority: readonly RedisNode[],
): Promise<void> {
  const [primary] = minority as readonly [RedisNode];
  const alone = clients.slice(-1);
  const majority = cluster.nodes.filter((node) => !minority.includes(node));
  const canReplace = (await cluster.replicasOf(primary)).some((replica) => majority.includes(replica));
  network.cut(
    [...minority, ...alone.map(({ address }) => ({ host: address }))].map(({ host }) => host),
    [...majority.map(({ host }) => host), ...clients.slice(0, -1).map(({ address }) => address)],
  );
  if (canReplace) {
    await until("the majority elects a primary", async () => {
      const views = await Promise.all(majority.map((node) => node.topology()));
      return views.every(({ nodes }) =>
        nodes.every(
          ({ host, port, slots }) => host !== primary.host || port !== primary.port || slots.length === 0,
        ),
      );
    });
    await untilAcknowledged(clients.slice(0, -1), 50);
  } else await untilFailed(clients, FAILED);
  await untilFailed(alone, FAILED / 2);
  network.heal();
}

function killing(name: string, happen: (stage: Stage, primary: RedisNode) => Promise<void>): Fault {
  return { name, needsNetwork: false, happen: async (stage) => happen(stage, await anyPrimary(stage)) };
}

function cutting(name: string, happen: (stage: Stage, network: Network) => Promise<void>): Fault {
  return {
    name,
    needsNetwork: true,
    happen: (stage) => {
      if (stage.network === null) throw new Error(`"${name}" needs a network that can be cut.`);
      return happen(stage, stage.network);
    },
  };
}
