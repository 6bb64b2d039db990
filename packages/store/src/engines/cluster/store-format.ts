import { randomBytes } from "node:crypto";
import { KvError } from "@kvasir/client/namespace";
import type { ClusterProblem } from "../../store/cluster-figures.js";
import type { Cluster } from "./cluster.js";
import { type Command, Refusal, type Reply } from "./connection.js";
import { corruptError } from "./errors.js";
import { formatKey, type Partition } from "./layout.js";
import type { SeenNode } from "./topology.js";
import type { Visit } from "./visit.js";

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
  /** Random. Tells these data from those of another cluster at the same addresses. */
  readonly id: string | null;
}

/** @throws KvError `storage_format` when a newer version wrote the data, `storage_corrupt` when something else did */
export async function readFormat(cluster: Cluster, [partition]: readonly Partition[]): Promise<StoreFormat> {
  if (partition === undefined) throw new TypeError("A store has partitions.");
  const key = formatKey(partition);
  const command: Command = ["HMGET", key, "format", "replicas", "id"];
  const [reply] = await cluster.read(partition.slot, [command]).catch((error: unknown) => {
    throw error instanceof Refusal && error.code === "WRONGTYPE" ? corruptError(`The key ${key}`) : error;
  });
  const [format = null, replicas = null, id = null] = textsOf(reply);
  if (format !== null && !/^\d+$/.test(format)) throw corruptError(`The key ${key}`);
  if (format === null || Number(format) <= FORMAT) {
    return {
      format: format === null ? null : Number(format),
      replicas: replicas === null ? null : Number(replicas),
      id,
    };
  }
  const message = `The data were written by a newer version of Kvasir (format ${format}).`;
  throw new KvError("storage_format", message, { hint: "Use that version, or another name in the locator." });
}

/**
 * Writes what is new: a start during an outage must be able to do without. Returns the id, which another process
 * may have written first.
 */
export async function writeFormat(
  cluster: Cluster,
  [partition]: readonly Partition[],
  known: StoreFormat,
  replicas: number | null,
): Promise<string | null> {
  if (partition === undefined) throw new TypeError("A store has partitions.");
  const key = formatKey(partition);
  const fields: (string | number)[] = [];
  if (known.format === null) fields.push("format", FORMAT);
  if (replicas !== null && replicas !== known.replicas) fields.push("replicas", replicas);
  if (fields.length === 0 && known.id !== null) return known.id;
  const replies = await cluster.write(partition.slot, [
    ["HSETNX", key, "id", randomBytes(9).toString("base64url")],
    ...(fields.length === 0 ? [] : [["HSET", key, ...fields] as const]),
    ["HMGET", key, "id"],
  ]);
  return textsOf(replies.at(-1))[0] ?? null;
}

/** Recognizes the data of a store while it is open. */
export interface StoreIdentity {
  /** What the node is asked that has the id. */
  commandFor(node: SeenNode): Command | undefined;
  /** What is wrong when the id is gone, or another one. `null`: the node that has it does not reply. */
  problems(
    visits: readonly Visit[],
    known: { readonly acks: "all" | "1"; readonly storeId: string | null },
  ): readonly ClusterProblem[] | null;
}

/** The name of that problem. */
export const DATA = "data";

export function storeIdentity(name: string, [partition]: readonly Partition[]): StoreIdentity {
  if (partition === undefined) throw new TypeError("A store has partitions.");
  const { slot } = partition;
  const key = formatKey(partition);
  const hasIt = ({ isPrimary, slots }: SeenNode) =>
    isPrimary && slots.some(([first, last]) => first <= slot && slot <= last);
  return {
    commandFor: (node) => (hasIt(node) ? ["HMGET", key, "id"] : undefined),
    problems(visits, { acks, storeId }) {
      const seen = visits.find(({ node, extra }) => hasIt(node) && Array.isArray(extra));
      if (seen === undefined) return null;
      if (storeId === null || textsOf(seen.extra)[0] === storeId) return [];
      return [
        {
          name: DATA,
          node: null,
          message: `The data of "${name}" are not there any more: the cluster was emptied, or another one is at its addresses. Bring them back, or start Kvasir again to begin with none.`,
          // A failover may lose the id itself.
          refuses: acks === "all",
        },
      ];
    },
  };
}

function textsOf(reply: Reply | undefined): readonly (string | null)[] {
  return (reply as readonly unknown[]).map((value) => (value === null ? null : String(value)));
}
