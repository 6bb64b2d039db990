import { partitionsOf } from "../../../packages/store/src/engines/cluster/layout.js";
import type { RedisCluster, RedisNode } from "../../harness/redis-cluster.js";
import { until } from "./stage.js";

const MIGRATE_MS_MAX = 5000;

/** The slots of a primary that hold keys. */
export async function filledSlotsOf(primary: RedisNode): Promise<readonly number[]> {
  const id = await primary.id();
  const { nodes } = await primary.topology();
  const ranges = nodes.find((node) => node.id === id)?.slots ?? [];
  const own = partitionsOf("any")
    .map(({ slot }) => slot)
    .filter((slot) => ranges.some(([first, last]) => first <= slot && slot <= last));
  const counts = await Promise.all(own.map((slot) => primary.ask("CLUSTER", "COUNTKEYSINSLOT", slot)));
  return own.filter((_, at) => counts[at] !== 0);
}

/**
 * Moves slots from one primary to another key by key, as `redis-cli --cluster reshard` does in larger steps. The
 * keys of a slot are in two places for as long as possible.
 */
export async function moveSlots(
  cluster: RedisCluster,
  slots: readonly number[],
  { from, to }: { readonly from: RedisNode; readonly to: RedisNode },
): Promise<void> {
  const [source, target] = [await from.id(), await to.id()];
  for (const slot of slots) {
    await to.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", source);
    await from.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", target);
    for (;;) {
      const [key] = (await from.ask("CLUSTER", "GETKEYSINSLOT", slot, 1)) as readonly Buffer[];
      if (key === undefined) break;
      // A node that is busy or has just joined may not take it yet.
      await until("a key is moved", () =>
        from.ask("MIGRATE", to.host, to.port, key, 0, MIGRATE_MS_MAX).then(
          () => true,
          () => false,
        ),
      );
    }
    await to.ask("CLUSTER", "SETSLOT", slot, "NODE", target);
    await from.ask("CLUSTER", "SETSLOT", slot, "NODE", target);
    for (const node of await primariesBut(cluster, [from, to])) {
      await node.ask("CLUSTER", "SETSLOT", slot, "NODE", target);
    }
  }
}

async function primariesBut(
  cluster: RedisCluster,
  known: readonly RedisNode[],
): Promise<readonly RedisNode[]> {
  const others = cluster.nodes.filter((node) => !known.includes(node));
  const views = await Promise.all(others.map((node) => node.view()));
  return others.filter((_, at) => views[at]?.isPrimary);
}
