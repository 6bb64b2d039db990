import { REPLICA_LAG_SECONDS_MAX } from "./limits.js";

/** What a node says of the replicas that are connected to it, or of its own primary. */
export interface Replication {
  readonly role: "primary" | "replica";
  /** Of a replica: whether it follows its primary. */
  readonly isLinked: boolean;
  readonly replicas: readonly FollowingReplica[];
}

export interface FollowingReplica {
  /** `HOST:PORT`, as its primary sees it. */
  readonly address: string;
  readonly isFollowing: boolean;
  /** How many bytes of the primary's writes it lacks. */
  readonly lagBytes: number;
}

/**
 * Parses `INFO replication`.
 *
 * @see https://valkey.io/commands/info/
 */
export function parseReplication(described: string): Replication {
  const lines = described.split("\r\n");
  const field = (name: string) => lines.find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1);
  const offset = Number(field("master_repl_offset") ?? 0);
  return {
    role: field("role") === "slave" ? "replica" : "primary",
    isLinked: field("master_link_status") === "up",
    replicas: lines.flatMap((line) => {
      const [, ip, port, state, at, lag] =
        /^slave\d+:ip=([^,]*),port=(\d+),state=(\w+),offset=(\d+),lag=(\d+)/.exec(line) ?? [];
      if (ip === undefined) return [];
      return {
        address: `${ip}:${port}`,
        isFollowing: state === "online" && Number(lag) <= REPLICA_LAG_SECONDS_MAX,
        lagBytes: Math.max(0, offset - Number(at)),
      };
    }),
  };
}

/**
 * How many replicas follow a node, by its `INFO replication`. A node that is a replica itself has none: its
 * role has changed, and it refuses writes.
 */
export function replicasFollowing(described: string): number {
  return parseReplication(described).replicas.filter(({ isFollowing }) => isFollowing).length;
}
