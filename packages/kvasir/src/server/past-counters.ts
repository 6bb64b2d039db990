import type { MetricsSnapshot } from "../api/metrics/metrics.js";

/** A metric in the form of prom-client's snapshots, as far as it is used here. */
interface SnapshotMetric {
  readonly name: string;
  readonly type: string;
  readonly values: readonly SnapshotValue[];
}

interface SnapshotValue {
  readonly labels: object;
  readonly metricName?: string;
  value: number;
}

/** Sums of counters. Their size depends on the labels that were ever used, not on the number of snapshots. */
export class PastCounters {
  readonly #metrics = new Map<
    string,
    { readonly metric: SnapshotMetric; values: Map<string, SnapshotValue> }
  >();

  /** Adds what a snapshot has counted. Its gauges are the past and do not count. */
  add(snapshot: MetricsSnapshot): void {
    for (const metric of countersOf(snapshot) as readonly SnapshotMetric[]) {
      let known = this.#metrics.get(metric.name);
      if (known === undefined) {
        known = { metric, values: new Map() };
        this.#metrics.set(metric.name, known);
      }
      for (const value of metric.values) {
        const place = JSON.stringify([value.metricName, value.labels]);
        const sum = known.values.get(place);
        if (sum === undefined) known.values.set(place, { ...value });
        else sum.value += value.value;
      }
    }
  }

  get snapshot(): MetricsSnapshot {
    return Array.from(this.#metrics.values(), ({ metric, values }) => ({
      ...metric,
      values: [...values.values()],
    }));
  }
}

/** The metrics of a snapshot that only grow. */
export function countersOf(snapshot: MetricsSnapshot): MetricsSnapshot {
  return (snapshot as readonly SnapshotMetric[]).filter(
    ({ type }) => type === "counter" || type === "histogram",
  );
}
