import type { Peer, Row, Target, Unit } from "./row.js";
import type { Bench } from "./scenario.js";
import { type Summary, summarize } from "./summary.js";

/** Somebody who can be measured for a while; the figure is a rate or a time. */
export interface Contestant {
  measure(ms: number): Promise<number>;
}

/**
 * Measures in turns, A B A B …, after one warm-up each: whatever else the machine does, it does to all of them.
 *
 * @returns for each contestant its samples, one a round
 */
export async function inTurns(
  contestants: readonly Contestant[],
  options: { readonly rounds: number; readonly roundMs: number; readonly warmupMs: number },
): Promise<number[][]> {
  for (const contestant of contestants) await contestant.measure(options.warmupMs);
  const samples: number[][] = contestants.map(() => []);
  for (let round = 0; round < options.rounds; round++) {
    for (const [index, contestant] of contestants.entries()) {
      samples[index]?.push(await contestant.measure(options.roundMs));
    }
  }
  return samples;
}

export interface Comparison {
  readonly what: string;
  readonly unit: Unit;
  readonly target?: Target;
  readonly notes?: readonly string[];
}

/** A row from the samples of us and of a peer that {@link inTurns} took in the same rounds. */
export function compare(
  comparison: Comparison,
  ours: readonly number[],
  peer: Peer & { readonly samples: readonly number[] },
): Row {
  return {
    ...comparison,
    figure: summarize(ours),
    peer: { name: peer.name, version: peer.version, figure: summarize(peer.samples) },
    ratio: ratioByRound(ours, peer.samples),
  };
}

function ratioByRound(ours: readonly number[], theirs: readonly number[]): Summary {
  return summarize(ours.map((figure, round) => figure / (theirs[round] ?? Number.NaN)));
}

/** Measures us against one peer in turns and reports the row. */
export async function race(
  bench: Bench,
  comparison: Comparison,
  contestants: { readonly ours: Contestant; readonly peer: Peer & Contestant },
  options: { readonly rounds?: number; readonly warmupMs: number },
): Promise<void> {
  const { ours, peer } = contestants;
  const [ourSamples = [], samples = []] = await inTurns([ours, peer], {
    rounds: options.rounds ?? bench.rounds,
    roundMs: bench.roundMs,
    warmupMs: options.warmupMs,
  });
  bench.report(compare(comparison, ourSamples, { name: peer.name, version: peer.version, samples }));
}
