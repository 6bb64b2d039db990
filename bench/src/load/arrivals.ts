import { LATENCY_PERCENTS } from "../core/limits.js";
import { Program } from "../core/program.js";
import type { Workspace } from "../core/workspace.js";
import type { Load } from "./load-tool.js";

export interface ArrivalsQuestion extends Load {
  /** Requests per second, due at equal intervals. */
  readonly rate: number;
}

export interface ArrivalsAnswer {
  readonly requests: number;
  readonly bad: number;
  /** Responses per second. Less than the arrivals if those were too many. */
  readonly rate: number;
  /**
   * The time from when a request was due until its response was read, one figure for each of
   * LATENCY_PERCENTS.
   */
  readonly percentilesMs: readonly number[];
  /**
   * How late the generator itself noticed due requests, as the 99th percentile. The figures above include
   * this.
   */
  readonly lagMs: number;
}

/**
 * A load generator with a constant arrival rate (an open model), in a process of its own. `autocannon` and
 * `wrk` send a request only after a response. While the server stalls they send nothing, and the stall counts
 * once. (`autocannon`'s `overallRate` sends the requests of a second in bursts; `wrk2` is not packaged
 * anywhere.)
 */
export class Arrivals {
  readonly #program: Program;

  private constructor(program: Program) {
    this.#program = program;
  }

  static async start(workspace: Workspace): Promise<Arrivals> {
    return new Arrivals(await Program.start(workspace, "load/programs/arrivals"));
  }

  /** @throws Error if any response is an error */
  async ask(question: ArrivalsQuestion): Promise<ArrivalsAnswer> {
    const answer = await this.#program.ask<ArrivalsAnswer>(question);
    if (answer.bad > 0) throw new Error(`${answer.bad} of ${answer.requests} answers were bad.`);
    return answer;
  }
}

/** One of the measured percentiles. */
export function percentileMs({ percentilesMs }: ArrivalsAnswer, percent: number): number {
  const value = percentilesMs[LATENCY_PERCENTS.indexOf(percent)];
  if (value === undefined) throw new TypeError(`The percentile ${percent} is not measured.`);
  return value;
}
