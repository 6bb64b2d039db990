import { DURATION_BUCKETS_SECONDS } from "./route-stats.js";
import type { CompiledRoute } from "./router.js";

/** As prom-client has it; what its types say of it is not so. */
interface HistogramObject {
  readonly name: string;
  readonly help: string;
  readonly type: "histogram";
  readonly aggregator: "sum";
  readonly values: readonly HistogramValue[];
}

interface HistogramValue {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/**
 * How long answers took, as a registry takes a metric. prom-client's own histogram can only be fed one observation at
 * a time, on the request's way.
 */
export class DurationHistogram {
  readonly name = "kvasir_http_request_duration_seconds";
  readonly #routes: readonly CompiledRoute[];

  constructor(routes: readonly CompiledRoute[]) {
    this.#routes = routes;
  }

  async get(): Promise<HistogramObject> {
    return {
      name: this.name,
      help: "Time from a request's head to its answer's.",
      type: "histogram",
      aggregator: "sum",
      values: [...this.#values()],
    };
  }

  *#values(): Generator<HistogramValue> {
    for (const { dialect, route, stats } of this.#routes) {
      const labels = { dialect: dialect.name, operation: route.operation };
      const total = stats.count;
      if (total === 0) continue;
      let count = 0;
      // All of them, empty ones too: those of several processes are added up in this order.
      for (const [at, bound] of [...DURATION_BUCKETS_SECONDS, "+Inf"].entries()) {
        count += stats.buckets[at] ?? 0;
        yield { metricName: `${this.name}_bucket`, labels: { ...labels, le: bound }, value: count };
      }
      yield { metricName: `${this.name}_sum`, labels, value: stats.secondsSum };
      yield { metricName: `${this.name}_count`, labels, value: total };
    }
  }
}
