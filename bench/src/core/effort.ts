/** How long and how often is measured, and how large what is measured grows. */
export interface Effort {
  readonly name: "quick" | "normal" | "full";
  /** Measured rounds of each contestant. */
  readonly rounds: number;
  /** Rounds of the rows that are only there for context (other numbers of connections). */
  readonly contextRounds: number;
  /** Length of one measured round, in milliseconds: whole seconds, since `wrk` counts in them. */
  readonly roundMs: number;
  /** Length of the one round before, which lets the compiler settle and the pages come in. */
  readonly warmupMs: number;
  /** Length of one round at a constant arrival rate, in milliseconds: long enough for a p99.9. */
  readonly latencyMs: number;
  /** Numbers of keys whose cost is compared, the smallest first. */
  readonly growth: readonly number[];
  /** Entries that expire at once. */
  readonly expiring: number;
}

/** A look whether all of it works; its figures are worth little. */
export const quick: Effort = {
  name: "quick",
  rounds: 1,
  contextRounds: 1,
  roundMs: 1000,
  warmupMs: 1000,
  latencyMs: 1000,
  growth: [10_000, 100_000],
  expiring: 200_000,
};

/** What a developer compares two states of the code with. */
export const normal: Effort = {
  name: "normal",
  rounds: 5,
  contextRounds: 1,
  roundMs: 1000,
  warmupMs: 1000,
  latencyMs: 3000,
  growth: [10_000, 1_000_000],
  expiring: 500_000,
};

/** What is written down. */
export const full: Effort = {
  name: "full",
  rounds: 7,
  contextRounds: 3,
  roundMs: 1000,
  warmupMs: 1000,
  latencyMs: 5000,
  growth: [10_000, 1_000_000, 10_000_000],
  expiring: 1_000_000,
};
