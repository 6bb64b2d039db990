import { type Access, NodeConnection, Refusal } from "./connection.js";
import { CLOCK_SKEW_MS_MAX, TOPOLOGY_MS } from "./limits.js";
import { type SeenNode, shardsOf, type Topology, uncoveredSlots } from "./topology.js";

/** What the check of a cluster found. All are full sentences. */
export interface SettingsReport {
  /** Each of them breaks the promise that an acknowledged write lasts. */
  readonly broken: readonly string[];
  /** Worth knowing, and no reason to refuse. */
  readonly doubtful: readonly string[];
}

export interface SettingsCheck {
  readonly access: Access;
  readonly acks: "all" | "1";
  /** How many replicas each primary has when all are up. `null`: as many as the others. */
  readonly replicas: number | null;
}

interface Rule {
  readonly name: string;
  readonly isRight: (value: string) => boolean;
  readonly should: string;
  readonly because: string;
  /** Whether it also matters when only the primary acknowledges. */
  readonly always: boolean;
}

/** Why each is needed was shown by breaking a cluster without it; DESIGN.md has the cases. */
const RULES: readonly Rule[] = [
  {
    name: "appendonly",
    isRight: (value) => value === "yes",
    should: "yes",
    because: "a node that is started again would be empty",
    always: true,
  },
  {
    name: "appendfsync",
    isRight: (value) => value === "always",
    should: "always",
    because: "a node would acknowledge writes that are not on disk",
    always: true,
  },
  {
    name: "no-appendfsync-on-rewrite",
    isRight: (value) => value === "no",
    should: "no",
    because: "writes would not be on disk while the log is rewritten",
    always: true,
  },
  {
    name: "maxmemory-policy",
    isRight: (value) => value === "noeviction",
    should: "noeviction",
    because: "a node that is full would throw entries away",
    always: true,
  },
  {
    name: "repl-diskless-load",
    isRight: (value) => value === "disabled",
    should: "disabled",
    because: "a replica would drop its data before it has the new ones",
    always: false,
  },
  {
    name: "cluster-replica-validity-factor",
    isRight: (value) => Number(value) > 0,
    should: "10",
    because: "a replica with old data could become the primary",
    always: false,
  },
  {
    name: "cluster-allow-replica-migration",
    isRight: (value) => value === "no",
    should: "no",
    because: "a replica of another shard could confirm writes in place of the one that is elected",
    always: false,
  },
];

/** Compares the shape and the settings of a cluster with what the promise needs. */
export async function checkSettings(topology: Topology, check: SettingsCheck): Promise<SettingsReport> {
  const reached = topology.nodes.filter(({ isAway }) => !isAway);
  const outcomes = await Promise.all(reached.map((node) => checkNode(node, check)));
  const offsets = outcomes.map(({ clockOffsetMs }) => clockOffsetMs).filter((offset) => offset !== null);
  const skewMs = Math.round(Math.max(...offsets) - Math.min(...offsets));
  return {
    broken: [...checkShape(topology, check), ...outcomes.flatMap(({ broken }) => broken)],
    doubtful:
      skewMs > CLOCK_SKEW_MS_MAX
        ? [
            `The clocks of the cluster's nodes differ by ${skewMs} ms. Keep them within ${CLOCK_SKEW_MS_MAX} ms.`,
          ]
        : [],
  };
}

/** How many replicas each primary has at most, whether they are up or not. */
export function replicasOf(topology: Topology): number {
  return Math.max(0, ...shardsOf(topology).map(({ replicas }) => replicas.length));
}

/** Whether primaries have different numbers of replicas: also for a moment after a failover. */
export function isUneven(topology: Topology): boolean {
  return new Set(shardsOf(topology).map(({ replicas }) => replicas.length)).size > 1;
}

function checkShape(topology: Topology, { acks, replicas }: SettingsCheck): readonly string[] {
  const broken: string[] = [];
  const missing = uncoveredSlots(topology);
  if (missing > 0) broken.push(`The cluster has ${missing} slots that no primary serves.`);
  if (acks === "1") return broken;
  const shards = shardsOf(topology);
  // Of a store that is new, the shape itself says how many there should be.
  const each = replicas ?? replicasOf(topology);
  for (const { primary, replicas: own } of shards) {
    const where = `${primary.host}:${primary.port}`;
    if (each === 0) {
      broken.push(
        `The primary ${where} has no replica, so that a write would be lost with it. Add one, or use ?acks=1.`,
      );
    } else if (replicas === null && own.length < each) {
      broken.push(
        `The primary ${where} has ${own.length} replicas, and another has ${each}. Give every primary the same number.`,
      );
    } else if (own.length > each) {
      broken.push(
        `The primary ${where} has ${own.length} replicas instead of ${each}: one of them could confirm a write in place of the one that is elected. Give every primary the same number, and say so with ?replicas=${own.length}.`,
      );
    }
  }
  return broken;
}

interface NodeReport {
  readonly broken: readonly string[];
  /** By how much its clock is ahead of ours. */
  readonly clockOffsetMs: number | null;
}

async function checkNode(node: SeenNode, { access, acks }: SettingsCheck): Promise<NodeReport> {
  const where = `${node.host}:${node.port}`;
  let connection: NodeConnection | undefined;
  try {
    connection = await NodeConnection.open(node, access);
    const broken: string[] = [];
    for (const rule of RULES) {
      if (acks === "1" && !rule.always) continue;
      const reply = await connection.ask(["CONFIG", "GET", rule.name], TOPOLOGY_MS);
      const value = Array.isArray(reply) && reply.length > 1 ? String(reply[1]) : null;
      // A setting that this version of the server does not have.
      if (value === null || rule.isRight(value)) continue;
      broken.push(
        `${where} has ${rule.name} set to ${JSON.stringify(value)}: ${rule.because}. Set it to ${rule.should}.`,
      );
    }
    const [seconds, micros] = (await connection.ask(["TIME"], TOPOLOGY_MS)) as readonly unknown[];
    const clockOffsetMs = Number(String(seconds)) * 1000 + Number(String(micros)) / 1000 - Date.now();
    return { broken, clockOffsetMs };
  } catch (error) {
    // A node that is down breaks no promise: its shard takes no writes meanwhile.
    if (!(error instanceof Refusal)) return { broken: [], clockOffsetMs: null };
    return {
      broken: [`The settings of ${where} cannot be read: ${error.message}. Allow this user CONFIG GET.`],
      clockOffsetMs: null,
    };
  } finally {
    connection?.close();
  }
}
