import type { Contestant } from "../core/rounds.js";
import { canMeasureUsage, cpuSeconds } from "../core/usage.js";
import type { Workspace } from "../core/workspace.js";
import { autocannonTool } from "./autocannon.js";
import type { Load, LoadTool } from "./load-tool.js";
import { wrkTool } from "./wrk.js";

/** Requests, and the processes that serve them. Their CPU time is charged to the requests. */
export interface LoadTarget extends Omit<Load, "connections" | "ms"> {
  readonly pids: readonly number[];
}

/** One tool for all sides of a comparison: `wrk` if it is installed, else `autocannon`. */
export class LoadGenerator {
  readonly #tool: LoadTool;

  private constructor(tool: LoadTool) {
    this.#tool = tool;
  }

  static async start(workspace: Workspace): Promise<LoadGenerator> {
    return new LoadGenerator((await wrkTool(workspace)) ?? (await autocannonTool(workspace)));
  }

  contestant(target: LoadTarget, connections: number): LoadContestant {
    return new LoadContestant(this.#tool, target, connections);
  }
}

export class LoadContestant implements Contestant {
  readonly cpuUs: number[] = [];
  readonly #tool: LoadTool;
  readonly #target: LoadTarget;
  readonly #connections: number;

  constructor(tool: LoadTool, target: LoadTarget, connections: number) {
    this.#tool = tool;
    this.#target = target;
    this.#connections = connections;
  }

  get load(): string {
    return this.#tool.name;
  }

  /** @throws Error if any response is an error, because fast failures would look like speed */
  async measure(ms: number): Promise<number> {
    const { pids, ...target } = this.#target;
    const usedSeconds = () =>
      canMeasureUsage ? pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0) : Number.NaN;
    const before = usedSeconds();
    const { requests, seconds, bad } = await this.#tool.run({
      ...target,
      connections: this.#connections,
      ms,
    });
    if (bad > 0 || requests === 0) {
      throw new Error(`${bad} of ${requests} answers from ${target.url} were bad.`);
    }
    this.cpuUs.push(((usedSeconds() - before) / requests) * 1e6);
    return requests / seconds;
  }
}
