import type { RequestStats } from "../../measures/request-stats.js";
import { DURATION_BUCKETS_SECONDS } from "../../wire/duration-buckets.js";

/** The form that prom-client uses. Its own type for it is wrong. */
interface HistogramObject {
  readonly name: string;
  readonly help: string;
  readonly type: "histogram";
  readonly aggregator: "sum";
  readonly values: readonly HistogramValue[];
}

type Labels = Readonly<Record<string, string>>;

interface HistogramValue {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

export interface DurationHistogramOptions {
  readonly name: string;
  readonly help: string;
  measured(): Iterable<{ readonly labels: Labels; readonly stats: RequestStats }>;
}

/**
 * The durations of responses as a metric for a registry. prom-client's own histogram takes only one
 * observation at a time, which would cost time in each request.
 */
export class DurationHistogram {
  readonly name: string;
  readonly #options: DurationHistogramOptions;

  constructor(options: DurationHistogramOptions) {
    this.name = options.name;
    this.#options = options;
  }

  async get(): Promise<HistogramObject> {
    const { name, help } = this.#options;
    return { name, help, type: "histogram", aggregator: "sum", values: [...this.#values()] };
  }

  *#values(): Generator<HistogramValue> {
    for (const { labels, stats } of this.#options.measured()) {
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
