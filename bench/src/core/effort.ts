/** How long and how often to measure, and how large the measured data grows. */
export interface Effort {
  readonly name: "quick" | "normal" | "full";
  /** Measured rounds of each contestant. */
  readonly rounds: number;
  /** Rounds of the rows that only give context (other numbers of connections). */
  readonly contextRounds: number;
  /** Length of one measured round, in milliseconds. Whole seconds, because `wrk` counts in seconds. */
  readonly roundMs: number;
  /** Length of the warm-up round, in milliseconds. It lets the compiler settle and fills the page cache. */
  readonly warmupMs: number;
  /** Length of one round at a constant arrival rate, in milliseconds: long enough for a p99.9. */
  readonly latencyMs: number;
  /** The numbers of keys whose cost is compared, the smallest first. */
  readonly growth: readonly number[];
  /** The number of entries that expire at once. */
  readonly expiring: number;
  /** The number of entries that are exported and imported. */
  readonly transferred: number;
  /** The numbers of keys of namespaces in a cluster whose cost is compared, the smallest first. */
  readonly clusterGrowth: readonly number[];
  /** The number of entries whose memory in a cluster is measured. */
  readonly clusterEntries: number;
  /** The number of entries of a store that is backed up. A million of them take a gigabyte. */
  readonly backedUp: number;
}

/** Only shows that everything works. Its figures mean little. */
export const quick: Effort = {
  name: "quick",
  rounds: 1,
  contextRounds: 1,
  roundMs: 1000,
  warmupMs: 1000,
  latencyMs: 1000,
  growth: [10_000, 100_000],
  expiring: 200_000,
  transferred: 100_000,
  backedUp: 20_000,
  clusterGrowth: [10_000, 30_000],
  clusterEntries: 20_000,
};

/** For developers who compare two states of the code. */
export const normal: Effort = {
  name: "normal",
  rounds: 5,
  contextRounds: 1,
  roundMs: 1000,
  warmupMs: 1000,
  latencyMs: 3000,
  growth: [10_000, 1_000_000],
  expiring: 500_000,
  transferred: 1_000_000,
  backedUp: 800_000,
  clusterGrowth: [10_000, 200_000],
  clusterEntries: 100_000,
};

/** For the recorded results. */
export const full: Effort = {
  name: "full",
  rounds: 7,
  contextRounds: 3,
  roundMs: 1000,
  warmupMs: 1000,
  latencyMs: 5000,
  growth: [10_000, 1_000_000, 10_000_000],
  expiring: 1_000_000,
  transferred: 1_000_000,
  backedUp: 800_000,
  clusterGrowth: [10_000, 3_000_000],
  clusterEntries: 100_000,
};
