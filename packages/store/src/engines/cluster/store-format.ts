import { KvError } from "@kvasir/client/namespace";
import type { Cluster } from "./cluster.js";
import type { Command } from "./connection.js";
import { formatKey, type Partition } from "./layout.js";

/** Raised when the layout, the form of an entry or a script changes so that older versions cannot read it. */
const FORMAT = 1;

export interface StoreFormat {
  /** `null`: the store is new. */
  readonly format: number | null;
  /**
   * How many replicas confirm a write; `null`: nobody has said so yet. It is remembered here because a cluster
   * forgets a replica that is gone: a node that starts during an outage would ask for too few.
   */
  readonly replicas: number | null;
}

/** @throws KvError `storage_format` when a newer version wrote the data */
export async function readFormat(cluster: Cluster, [partition]: readonly Partition[]): Promise<StoreFormat> {
  if (partition === undefined) throw new TypeError("A store has partitions.");
  const command: Command = ["HMGET", formatKey(partition), "format", "replicas"];
  const [reply] = await cluster.read(partition.slot, [command]);
  const [format = null, replicas = null] = (reply as readonly unknown[]).map((value) =>
    value === null ? null : Number(String(value)),
  );
  if (format === null || format <= FORMAT) return { format, replicas };
  const message = `The data were written by a newer version of Kvasir (format ${format}).`;
  throw new KvError("storage_format", message, { hint: "Use that version, or another name in the locator." });
}

/** Writes what is new: a start during an outage must be able to do without. */
export async function writeFormat(
  cluster: Cluster,
  [partition]: readonly Partition[],
  known: StoreFormat,
  replicas: number | null,
): Promise<void> {
  if (partition === undefined) throw new TypeError("A store has partitions.");
  const fields: (string | number)[] = [];
  if (known.format === null) fields.push("format", FORMAT);
  if (replicas !== null && replicas !== known.replicas) fields.push("replicas", replicas);
  if (fields.length > 0) await cluster.write(partition.slot, [["HSET", formatKey(partition), ...fields]]);
}
