import type { Missing, Peer, Row } from "./row.js";
import type { Bench } from "./scenario.js";
import { type Summary, summarize } from "./summary.js";
import type { Target } from "./targets.js";
import type { Unit } from "./unit.js";
import { cpuNote } from "./usage.js";

/** Something that can be measured for a while. The figure is a rate or a time. */
export interface Contestant {
  measure(ms: number): Promise<number>;
  /** Server CPU time of one request in each round, in microseconds, if it is known. */
  readonly cpuUs?: readonly number[];
  /** The name of its load generator, if it has one. */
  readonly load?: string;
}

/** A contestant for comparison, or the reason why there is none. */
export type Rival = { readonly target?: Target; readonly notes?: readonly string[] } & (
  | { readonly peer: Peer; readonly contestant: Contestant }
  | Missing
);

export interface Comparison {
  readonly what: string;
  readonly unit: Unit;
  readonly subject?: string;
  readonly notes?: readonly string[];
}

/**
 * Measures our contestant and its rivals in turns and reports a row for each of them. If only targets are
 * wanted, rivals without a target are left out.
 */
export async function race(
  bench: Pick<Bench, "effort" | "targetsOnly" | "report">,
  comparison: Comparison,
  ours: Contestant,
  rivals: readonly Rival[],
  { rounds = bench.effort.rounds }: { readonly rounds?: number } = {},
): Promise<void> {
  const wanted = rivals.filter(({ target }) => target !== undefined || !bench.targetsOnly);
  const present = wanted.filter((rival) => "peer" in rival);
  for (const rival of wanted) {
    if ("peer" in rival) continue;
    const { missing, reason, target } = rival;
    bench.report({ what: comparison.what, missing, reason, ...(target && { target }) });
  }
  if (present.length === 0) return;

  const contestants = [ours, ...present.map(({ contestant }) => contestant)];
  const [ourSamples = [], ...theirs] = await inTurns(contestants, { ...bench.effort, rounds });
  for (const [index, { peer, contestant, target, notes = [] }] of present.entries()) {
    const allNotes = [...(comparison.notes ?? []), ...notes, ...cpuNotes(ours, contestant)];
    bench.report({
      ...compare(comparison, ourSamples, { ...peer, samples: theirs[index] ?? [] }),
      notes: allNotes,
      ...(target && { target }),
      ...(ours.load !== undefined && { load: ours.load }),
    });
  }
}

/**
 * Measures in turns, A B A B …, after one warm-up each, so that other load on the machine affects all of
 * them.
 *
 * @returns the samples of each contestant, one per round
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

/** A row from our samples and those of a peer, if there is one, taken in the same rounds. */
export function compare(
  comparison: Comparison,
  ours: readonly number[],
  peer: (Peer & { readonly samples: readonly number[] }) | undefined,
): Row {
  const row = { ...comparison, figure: summarize(ours) };
  if (peer === undefined) return row;
  return {
    ...row,
    peer: { name: peer.name, version: peer.version, figure: summarize(peer.samples) },
    ratio: ratioByRound(ours, peer.samples),
  };
}

function ratioByRound(ours: readonly number[], theirs: readonly number[]): Summary {
  return summarize(ours.map((figure, round) => figure / (theirs[round] ?? Number.NaN)));
}

function cpuNotes(ours: Contestant, peer: Contestant): string[] {
  return ours.cpuUs === undefined || peer.cpuUs === undefined ? [] : [cpuNote(ours.cpuUs, peer.cpuUs)];
}
