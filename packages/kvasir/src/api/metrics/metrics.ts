import { AggregatorRegistry, collectDefaultMetrics, Gauge, type Metric, Registry } from "prom-client";
import { registerBackupMetrics } from "./backup-metrics.js";
import { registerClusterMetrics } from "./cluster-metrics.js";
import { DurationHistogram, type DurationHistogramOptions } from "./duration-histogram.js";
import { registerFunctionMetrics } from "./function-metrics.js";
import { EXCEPTIONS, registerHttpMetrics } from "./http-metrics.js";
import { OTHER_NAMESPACES, registerNamespaceMetrics } from "./namespace-metrics.js";
import type { MetricsSources } from "./sources.js";
import { registerStorageMetrics } from "./storage-metrics.js";

/** The counts of one process in the form that prom-client adds up. Can be sent to another process as JSON. */
export type MetricsSnapshot = readonly object[];

/** The counts of the other workers of a `serve`. */
export interface OtherMetrics {
  readonly snapshots: readonly MetricsSnapshot[];
  /** Counters of workers that have ended or did not respond in time, so that no sum is lower than before. */
  readonly past: readonly MetricsSnapshot[];
  /** The number of workers that did not respond in time or are just starting. */
  readonly missing: number;
  /** Exceptions in the process that started the workers. It serves no requests. */
  readonly supervisorExceptions: number;
}

/** Gets the counts of the other workers in exchange for those of this one. */
export type AskOthers = (own: MetricsSnapshot) => Promise<OtherMetrics>;

/**
 * The content of `/metrics`. Requests are counted as plain numbers (`RequestStats`) and turned into metrics
 * here.
 */
export class Metrics {
  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;
  readonly #registry = new Registry();
  readonly #others: AskOthers | undefined;

  /** @param others absent if this is the only process */
  constructor(sources: MetricsSources, others?: AskOthers) {
    this.#others = others;
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    registerHttpMetrics(registers, sources);
    registerNamespaceMetrics(registers, sources);
    registerFunctionMetrics(registers, sources);
    registerStorageMetrics(registers, sources);
    registerClusterMetrics(registers, sources);
    registerBackupMetrics(registers, sources);
    for (const histogram of histograms(sources)) {
      // A registry accepts any object with a name and get(), but its type allows only prom-client's own
      // classes.
      this.#registry.registerMetric(new DurationHistogram(histogram) as unknown as Metric);
    }
  }

  /** The counts of this process alone. */
  snapshot(): Promise<MetricsSnapshot> {
    return this.#registry.getMetricsAsJSON();
  }

  /** The counts of all processes together, as far as the others respond. */
  async text(): Promise<string> {
    if (this.#others === undefined) return this.#registry.metrics();
    const own = await this.snapshot();
    const { snapshots, past, missing, supervisorExceptions } = await this.#others(own);
    // The type is that of one snapshot, but the function takes a list of them.
    const sum = AggregatorRegistry.aggregate([
      own,
      ...snapshots,
      ...past,
      [{ ...EXCEPTIONS, values: [{ labels: { origin: "supervisor" }, value: supervisorExceptions }] }],
    ]);
    const workers = { registers: [sum] };
    new Gauge({
      ...workers,
      name: "kvasir_workers_counted",
      help: "Workers whose figures are in these.",
    }).set(snapshots.length + 1);
    new Gauge({
      ...workers,
      name: "kvasir_workers_missing",
      help: "Workers that did not respond in time, or are just starting. Their counters are those of the last time.",
    }).set(missing);
    return sum.metrics();
  }
}

function histograms({ routes, namespaces, functions }: MetricsSources): readonly DurationHistogramOptions[] {
  const help = "Time from the arrival of a request to the head of its response";
  return [
    {
      name: "kvasir_http_request_duration_seconds",
      help: `${help}, by operation.`,
      *measured() {
        for (const { dialect, route, stats } of routes) {
          yield { labels: { dialect: dialect.name, operation: route.operation }, stats };
        }
      },
    },
    {
      name: "kvasir_namespace_request_duration_seconds",
      help: `${help}, by namespace and whether the request reads or writes.`,
      *measured() {
        for (const { namespace = OTHER_NAMESPACES, access, stats } of namespaces.entries()) {
          yield { labels: { namespace, access }, stats };
        }
      },
    },
    {
      name: "kvasir_function_request_duration_seconds",
      help: `${help}, by function.`,
      *measured() {
        for (const { name, requests: stats } of functions.entries()) {
          yield { labels: { function: name }, stats };
        }
      },
    },
  ];
}
