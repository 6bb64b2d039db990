import { KvError } from "@kvasir/client/namespace";
import type { Cluster } from "./cluster.js";
import type { Partition } from "./layout.js";

/** Raised when the layout, the form of an entry or a script changes so that older versions cannot read it. */
const FORMAT = 1;

interface StoreFormat {
  /** How many replicas confirm a write. `null`: nobody has said so yet. */
  readonly replicas: number | null;
}

/**
 * Reads the format of a store, and writes it when the store is new. The number of replicas is remembered there,
 * because a cluster forgets a replica that is gone: a node that starts during an outage would ask for too few.
 *
 * @throws KvError `storage_format` when a newer version wrote the data
 */
export async function readFormat(
  cluster: Cluster,
  partitions: readonly Partition[],
  { replicas, isGiven }: { readonly replicas: number | null; readonly isGiven: boolean },
): Promise<StoreFormat> {
  const [partition] = partitions;
  if (partition === undefined) throw new TypeError("A store has partitions.");
  const key = formatKey(partition);
  const commands: (readonly [string, ...(string | number)[]])[] = [["HSETNX", key, "format", FORMAT]];
  if (replicas !== null) commands.push([isGiven ? "HSET" : "HSETNX", key, "replicas", replicas]);
  // Written once, except by who gives the number: a start during an outage must be able to read.
  const stored = await read(cluster, partition);
  if (stored.format === null || (isGiven && stored.replicas !== replicas) || stored.replicas === null) {
    await cluster.write(partition.slot, commands);
  }
  const { format, replicas: known } = await read(cluster, partition);
  if (format !== null && format > FORMAT) {
    throw new KvError(
      "storage_format",
      `The data were written by a newer version of Kvasir (format ${format}).`,
      {
        hint: "Use that version, or another name in the locator.",
      },
    );
  }
  return { replicas: known };
}

async function read(cluster: Cluster, partition: Partition) {
  const [reply] = await cluster.read(partition.slot, [["HMGET", formatKey(partition), "format", "replicas"]]);
  const [format, replicas] = (reply as readonly unknown[]).map((value) =>
    value === null ? null : Number(String(value)),
  );
  return { format: format ?? null, replicas: replicas ?? null };
}

function formatKey({ prefix }: Partition): string {
  return `${prefix}s`;
}
