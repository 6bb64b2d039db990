import { DURATION_BUCKETS_SECONDS } from "./route-stats.js";
import type { CompiledRoute } from "./router.js";

/** The form that prom-client uses. Its own type for it is wrong. */
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
 * The durations of responses as a metric for a registry. prom-client's own histogram takes only one
 * observation at a time, which would cost time in each request.
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
      // Includes empty buckets, because those of several processes are added up by position.
      for (const [at, bound] of [...DURATION_BUCKETS_SECONDS, "+Inf"].entries()) {
        count += stats.buckets[at] ?? 0;
        yield { metricName: `${this.name}_bucket`, labels: { ...labels, le: bound }, value: count };
      }
      yield { metricName: `${this.name}_sum`, labels, value: stats.secondsSum };
      yield { metricName: `${this.name}_count`, labels, value: total };
    }
  }
}
