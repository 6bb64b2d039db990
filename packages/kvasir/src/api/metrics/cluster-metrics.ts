import type { ClusterFigures } from "@kvasir/store";
import { Counter, Gauge, type Registry } from "prom-client";
import type { MetricsSources } from "./sources.js";

/** A value with its labels. */
type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

interface ClusterGauge {
  readonly help: string;
  readonly labels?: readonly string[];
  readonly samples: (figures: ClusterFigures) => readonly Sample[];
}

const GAUGES: Readonly<Record<string, ClusterGauge>> = {
  kvasir_cluster_node_up: {
    help: "1 if a node of the cluster is up and in step, otherwise 0.",
    labels: ["node", "role", "state"],
    samples: ({ nodes }) =>
      nodes.map(({ address, role, state }) => [{ node: address, role, state }, state === "up" ? 1 : 0]),
  },
  kvasir_cluster_node_slots: {
    help: "Slots that a primary serves.",
    labels: ["node"],
    samples: ({ nodes }) =>
      nodes.filter(({ role }) => role === "primary").map(({ address, slots }) => [{ node: address }, slots]),
  },
  kvasir_cluster_node_replicas: {
    help: "Replicas that follow a primary.",
    labels: ["node"],
    samples: ({ nodes }) =>
      nodes.flatMap(({ address, replicas }) => (replicas === null ? [] : [[{ node: address }, replicas]])),
  },
  kvasir_cluster_replica_lag_bytes: {
    help: "Bytes of its primary's writes that a replica lacks.",
    labels: ["node"],
    samples: ({ nodes }) =>
      nodes.flatMap(({ address, lagBytes }) => (lagBytes === null ? [] : [[{ node: address }, lagBytes]])),
  },
  kvasir_cluster_replicas_wanted: {
    help: "Replicas that confirm each write.",
    samples: ({ replicas }) => [[{}, replicas]],
  },
  kvasir_cluster_slots_unserved: {
    help: "Slots without a primary that is up.",
    samples: ({ slotsUnserved }) => [[{}, slotsUnserved]],
  },
  kvasir_cluster_clock_skew_seconds: {
    help: "By how much the clocks of the nodes differ.",
    samples: ({ clockSkewMs }) => (clockSkewMs === null ? [] : [[{}, clockSkewMs / 1000]]),
  },
  kvasir_cluster_problems: {
    help: "What is wrong with the cluster, by the name of the setting. With refuses=true all writes are refused.",
    labels: ["problem", "refuses"],
    samples: ({ problems }) => {
      const counts = new Map<string, Sample>();
      for (const { name, refuses } of problems) {
        const labels = { problem: name, refuses: String(refuses) };
        const place = `${name} ${refuses}`;
        counts.set(place, [labels, (counts.get(place)?.[1] ?? 0) + 1]);
      }
      return [...counts.values()];
    },
  },
};

/** The state of the cluster that holds the data, and how this process fares with it. */
export function registerClusterMetrics(
  registers: Registry[],
  { store, worker }: Pick<MetricsSources, "store" | "worker">,
): void {
  const { cluster } = store.maintenance;
  if (cluster === undefined) return;
  // `undefined` while the store is closed. `/healthz` says why.
  const figures = () => cluster().catch(() => undefined);
  const counter = (name: string, help: string, total: (figures: ClusterFigures) => number) =>
    new Counter({
      name,
      help,
      registers,
      async collect() {
        const found = await figures();
        if (found === undefined) return;
        this.reset();
        this.inc(total(found));
      },
    });
  counter(
    "kvasir_cluster_outcome_unknown_total",
    "Writes that the cluster did not confirm: they may or may not have been made.",
    ({ outcomeUnknownTotal }) => outcomeUnknownTotal,
  );
  counter(
    "kvasir_cluster_retries_total",
    "Attempts that a node of the cluster refused, and that were made again.",
    ({ retriesTotal }) => retriesTotal,
  );
  // All workers see the same cluster.
  if (worker !== 1) return;
  for (const [name, { help, labels = [], samples }] of Object.entries(GAUGES)) {
    new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers,
      async collect() {
        const found = await figures();
        this.reset();
        if (labels.length === 0) this.remove();
        for (const [of, value] of found === undefined ? [] : samples(found)) this.set(of, value);
      },
    });
  }
}
