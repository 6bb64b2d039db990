import type { RequestCounts } from "../wire/function-report.js";
import { RequestStats } from "./request-stats.js";

interface Stats {
  readonly requests: RequestStats;
  errors: number;
}

/** Requests and uncaught errors of functions, by name. There are as many as the server runs. */
export class FunctionStats {
  readonly #byName = new Map<string, Stats>();

  countRequests(functionName: string, counts: RequestCounts): void {
    this.#of(functionName).requests.add(counts);
  }

  countError(functionName: string): void {
    this.#of(functionName).errors++;
  }

  *entries(): Iterable<Readonly<Stats> & { readonly name: string }> {
    for (const [name, stats] of this.#byName) yield { name, ...stats };
  }

  #of(functionName: string): Stats {
    let stats = this.#byName.get(functionName);
    if (stats === undefined) {
      stats = { requests: new RequestStats(), errors: 0 };
      this.#byName.set(functionName, stats);
    }
    return stats;
  }
}
