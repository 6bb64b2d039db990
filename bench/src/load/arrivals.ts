import { LATENCY_PERCENTS } from "../core/limits.js";
import { Program } from "../core/program.js";
import type { Workspace } from "../core/workspace.js";
import type { Load } from "./load-tool.js";

export interface ArrivalsQuestion extends Load {
  /** Requests that are due in each second, at equal distances. */
  readonly rate: number;
}

export interface ArrivalsAnswer {
  readonly requests: number;
  readonly bad: number;
  /** Answers in each second: less than arrived when that was too much. */
  readonly rate: number;
  /** From when a request was due until its answer was read, one figure for each of LATENCY_PERCENTS. */
  readonly percentilesMs: readonly number[];
  /** How late the generator itself noticed that a request was due, 99th percentile: part of the figures above. */
  readonly lagMs: number;
}

/**
 * A load generator with a constant arrival rate (an open model), in a process of its own. `autocannon` and `wrk` ask
 * again only when they are answered; while the server stalls they ask nothing, and the stall counts once.
 * (`autocannon`'s `overallRate` sends in bursts of a second's share; `wrk2` is packaged nowhere.)
 */
export class Arrivals {
  readonly #program: Program;

  private constructor(program: Program) {
    this.#program = program;
  }

  static async start(workspace: Workspace): Promise<Arrivals> {
    return new Arrivals(await Program.start(workspace, "load/programs/arrivals"));
  }

  /** @throws Error when one answer is no success */
  async ask(question: ArrivalsQuestion): Promise<ArrivalsAnswer> {
    const answer = await this.#program.ask<ArrivalsAnswer>(question);
    if (answer.bad > 0) throw new Error(`${answer.bad} of ${answer.requests} answers were bad.`);
    return answer;
  }
}

/** One of the percentiles that were measured. */
export function percentileMs({ percentilesMs }: ArrivalsAnswer, percent: number): number {
  const value = percentilesMs[LATENCY_PERCENTS.indexOf(percent)];
  if (value === undefined) throw new TypeError(`The percentile ${percent} is not measured.`);
  return value;
}
