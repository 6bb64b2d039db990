import type { Contestant } from "../rounds.js";
import type { Workspace } from "../workspace.js";
import { Program } from "./program.js";
import { canMeasureUsage, cpuSeconds } from "./usage.js";

export interface LoadTarget {
  readonly url: string;
  /** The process that answers; its CPU time is charged to the requests. */
  readonly pid: number;
  readonly method?: "GET" | "PUT";
  /** Paths asked for in turn. */
  readonly paths: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface LoadAnswer {
  readonly p99Ms: number;
  readonly requests: number;
  readonly seconds: number;
  readonly bad: number;
}

/**
 * `autocannon` in a process of its own, kept for all rounds. Its CPU is then never the server's, but on a small
 * machine it can be the limit: {@link LoadContestant.cpuUs} shows whether two servers that look alike are.
 */
export class LoadGenerator {
  readonly #program: Program;

  private constructor(program: Program) {
    this.#program = program;
  }

  static async start(workspace: Workspace): Promise<LoadGenerator> {
    return new LoadGenerator(await Program.start(workspace, "load"));
  }

  contestant(target: LoadTarget, connections: number): LoadContestant {
    return new LoadContestant(this.#program, target, connections);
  }
}

export class LoadContestant implements Contestant {
  /** Server CPU time of one request in each round, warm-up first, in microseconds. */
  readonly cpuUs: number[] = [];
  /** The 99th percentile of the answers' times in each round, warm-up first, in milliseconds. */
  readonly p99Ms: number[] = [];
  readonly #program: Program;
  readonly #target: LoadTarget;
  readonly #connections: number;

  constructor(program: Program, target: LoadTarget, connections: number) {
    this.#program = program;
    this.#target = target;
    this.#connections = connections;
  }

  /** @throws Error when one answer is no success: failing fast would look fast */
  async measure(ms: number): Promise<number> {
    const { pid, ...target } = this.#target;
    const before = canMeasureUsage ? cpuSeconds(pid) : 0;
    const { requests, seconds, bad, p99Ms } = await this.#program.ask<LoadAnswer>({
      ...target,
      connections: this.#connections,
      ms,
    });
    const after = canMeasureUsage ? cpuSeconds(pid) : 0;
    if (bad > 0 || requests === 0)
      throw new Error(`${bad} of ${requests} answers from ${target.url} were bad.`);
    this.p99Ms.push(p99Ms);
    this.cpuUs.push(((after - before) / requests) * 1e6);
    return requests / seconds;
  }
}
