import type { ClusterProblem } from "../../store/cluster-figures.js";
import { CLOCK_SKEW_MS_MAX } from "./limits.js";
import { type SeenNode, shardsOf, type Topology, unassignedSlots } from "./topology.js";
import type { Visit } from "./visit.js";

/** What the promise that a write lasts asks of a cluster. */
export interface Promised {
  readonly acks: "all" | "1";
  /** How many replicas each primary has when all are up. `null`: as many as the others. */
  readonly replicas: number | null;
}

/** Compares the shape of a cluster with what the promise needs. */
export function shapeProblems(
  topology: Topology,
  visits: readonly Visit[],
  { acks, replicas }: Promised,
): readonly ClusterProblem[] {
  const problems: ClusterProblem[] = [...slotProblems(topology)];
  if (acks === "1") return problems;
  // Of a store that is new, the shape itself says how many there should be.
  const each = replicas ?? replicasOf(topology);
  for (const { primary, replicas: own } of shardsOf(topology)) {
    const node = placeOf(primary);
    const wrong = (message: string, refuses = true) =>
      problems.push({ name: "replicas", node, message, refuses });
    const following = followingOf(visits, primary);
    if (each === 0) {
      wrong(
        `The primary ${node} has no replica, so that a write would be lost with it. Add one, or use ?acks=1.`,
      );
    } else if (replicas === null && own.length < each) {
      wrong(
        `The primary ${node} has ${own.length} replicas, and another has ${each}. Give every primary the same number.`,
      );
    } else if (own.length > each) {
      wrong(
        `The primary ${node} has ${own.length} replicas instead of ${each}: one of them could confirm a write in place of the one that is elected. Give every primary the same number, and say so with ?replicas=${own.length}.`,
      );
    } else if (following !== null && following < each) {
      wrong(
        `${following} of the ${each} replicas of the primary ${node} follow it: writes to its slots are refused until all do. Start the others, or connect them with CLUSTER REPLICATE.`,
        false,
      );
    }
  }
  return problems;
}

/** The name of the problem that refuses a start. A store that runs goes on with the slots that are served. */
export const UNASSIGNED = "slots";

/** What is wrong with the slots. */
export function slotProblems(topology: Topology): readonly ClusterProblem[] {
  const problems: ClusterProblem[] = [];
  const unassigned = unassignedSlots(topology);
  if (unassigned > 0) {
    problems.push({
      name: UNASSIGNED,
      node: null,
      message: `The cluster has ${unassigned} slots that no primary serves. Assign them with \`redis-cli --cluster fix\`.`,
      refuses: false,
    });
  }
  for (const { primary } of shardsOf(topology)) {
    if (!primary.isAway) continue;
    problems.push({
      name: "primary",
      node: placeOf(primary),
      message: `The primary ${placeOf(primary)} is away, and no replica has taken its place: operations on its slots are refused. Start it, or a replica of it.`,
      refuses: false,
    });
  }
  return problems;
}

/** @param offsets by how much the clock of each node is ahead of ours, in milliseconds */
export function clockProblems(
  offsets: readonly { readonly node: string; readonly offsetMs: number }[],
): readonly ClusterProblem[] {
  if (offsets.length === 0) return [];
  const sorted = [...offsets].sort((a, b) => a.offsetMs - b.offsetMs);
  const [first, last] = [sorted[0], sorted.at(-1)];
  const skewMs = clockSkewMs(offsets.map(({ offsetMs }) => offsetMs)) ?? 0;
  const problem = (message: string) => [{ name: "clock", node: null, message, refuses: false }];
  if (skewMs > CLOCK_SKEW_MS_MAX) {
    return problem(
      `The clocks of the cluster's nodes differ by ${skewMs} ms: ${last?.node} is ahead of ${first?.node}. Keep them within ${CLOCK_SKEW_MS_MAX} ms, with NTP.`,
    );
  }
  const ownMs = sorted[Math.floor(sorted.length / 2)]?.offsetMs ?? 0;
  if (Math.abs(ownMs) <= CLOCK_SKEW_MS_MAX) return [];
  const direction = ownMs > 0 ? "behind" : "ahead of";
  return problem(
    `The clock of this machine is ${Math.abs(ownMs)} ms ${direction} those of the cluster's nodes. Keep them within ${CLOCK_SKEW_MS_MAX} ms, with NTP.`,
  );
}

/** By how much clocks differ. `null`: there are fewer than two. */
export function clockSkewMs(offsetsMs: readonly number[]): number | null {
  return offsetsMs.length < 2 ? null : Math.round(Math.max(...offsetsMs) - Math.min(...offsetsMs));
}

/** How many replicas each primary has at most, whether they are up or not. */
export function replicasOf(topology: Topology): number {
  return Math.max(0, ...shardsOf(topology).map(({ replicas }) => replicas.length));
}

/** Whether primaries have different numbers of replicas: also for a moment after a failover. */
export function isUneven(topology: Topology): boolean {
  return new Set(shardsOf(topology).map(({ replicas }) => replicas.length)).size > 1;
}

function followingOf(visits: readonly Visit[], primary: SeenNode): number | null {
  const { replication = null } = visits.find(({ node }) => node.id === primary.id) ?? {};
  return replication === null ? null : replication.replicas.filter(({ isFollowing }) => isFollowing).length;
}

export function placeOf({ host, port }: Pick<SeenNode, "host" | "port">): string {
  return `${host}:${port}`;
}
