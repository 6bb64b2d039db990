import type { Cluster } from "./cluster.js";
import type { Partition } from "./layout.js";
import { COUNT } from "./read-scripts.js";
import { run } from "./script.js";

/**
 * Tries what every write needs, so that a user with too few rights is refused at the start and not by the first
 * write. It leaves nothing behind but a fence.
 *
 * @throws KvError `unavailable`
 */
export async function assertRights(cluster: Cluster, [partition]: readonly Partition[]): Promise<void> {
  if (partition === undefined) throw new TypeError("A store has partitions.");
  const { slot, prefix, fence, expiry } = partition;
  const read = run(COUNT, [`${prefix}e:`, `${prefix}i:`, expiry], ["", "-", "+", ""]);
  await cluster.read(slot, [["SET", fence, ""], read, ["WAIT", 0, 1]]);
}
