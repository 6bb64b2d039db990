import { type Access, type Address, NodeConnection, Refusal } from "./connection.js";
import {
  isMissingRight,
  loginError,
  notAClusterError,
  notAStoreError,
  rightsError,
  unreachableError,
} from "./errors.js";
import { TOPOLOGY_MS, TOPOLOGY_NODES_MAX } from "./limits.js";
import { parseTopology, type Topology } from "./topology.js";

/** What one node says. */
interface View {
  readonly topology: Topology;
  /** Grows with each failover that the node has heard of. */
  readonly epoch: number;
  readonly isWhole: boolean;
}

/**
 * Asks several nodes for the shape of the cluster, and takes the newest view. A node that was cut off from the
 * others still has an old one.
 *
 * @throws KvError `unavailable` when no node replies, or none lets this user in; `unsupported` when a server is
 *   not part of a cluster
 */
export async function lookAtTopology(known: readonly Address[], access: Access): Promise<Topology> {
  const places = new Map(known.map((address) => [placeOf(address), address]));
  const asked = [...places.values()].slice(0, TOPOLOGY_NODES_MAX);
  const outcomes = await Promise.allSettled(asked.map((address) => viewOf(address, access)));
  const views = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const [newest] = views.sort((a, b) => Number(b.isWhole) - Number(a.isWhole) || b.epoch - a.epoch);
  if (newest !== undefined) return newest.topology;
  const failures = outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason : undefined));
  throw whyNone(asked, failures, access);
}

async function viewOf(address: Address, access: Access): Promise<View> {
  const connection = await NodeConnection.open(address, access);
  try {
    const info = String(await connection.ask(["CLUSTER", "INFO"], TOPOLOGY_MS));
    const nodes = String(await connection.ask(["CLUSTER", "NODES"], TOPOLOGY_MS));
    return {
      topology: parseTopology(nodes, { ...address, tls: access.tls }),
      epoch: Number(/cluster_current_epoch:(\d+)/.exec(info)?.[1] ?? 0),
      isWhole: info.includes("cluster_state:ok"),
    };
  } finally {
    connection.close();
  }
}

function whyNone(asked: readonly Address[], failures: readonly unknown[], { tls }: Access): Error {
  for (const [at, failure] of failures.entries()) {
    const place = placeOf(asked[at] as Address);
    const { message } = failure as Error;
    if (/^Protocol error/.test(message)) {
      return notAStoreError(place, "does not speak the protocol of Valkey and Redis");
    }
    if (!(failure instanceof Refusal)) continue;
    if (/cluster support disabled/i.test(message)) return notAClusterError(place);
    if (/unknown command/i.test(message)) {
      return notAStoreError(place, "is no node of a cluster: a Sentinel, or another program");
    }
    if (isMissingRight(failure)) return rightsError(message);
    if (/^(WRONGPASS|NOAUTH)|password/i.test(message)) {
      return loginError(place, message.replace(/\.$/, ""));
    }
  }
  return unreachableError(
    asked.map((address, at) => `${placeOf(address)}: ${(failures[at] as Error | undefined)?.message}`),
    { tls },
  );
}

function placeOf({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
