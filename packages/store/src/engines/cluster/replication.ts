import { REPLICA_LAG_SECONDS_MAX } from "./limits.js";

/**
 * How many replicas follow a node, by its `INFO replication`. A node that is a replica itself has none: its
 * role has changed, and it refuses writes.
 */
export function replicasFollowing(described: string): number {
  return described.split("\r\n").filter((line) => {
    const [, state, lag] = /^slave\d+:.*\bstate=(\w+),.*\blag=(\d+)/.exec(line) ?? [];
    return state === "online" && Number(lag) <= REPLICA_LAG_SECONDS_MAX;
  }).length;
}
