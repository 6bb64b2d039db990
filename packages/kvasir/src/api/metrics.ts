import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  type Metric,
  Registry,
} from "prom-client";
import type { Admission } from "../http/admission.js";
import type { EventStreams } from "../http/event-stream.js";
import type { UnexpectedExceptions } from "../http/unexpected-exceptions.js";
import { DurationHistogram } from "./duration-histogram.js";
import type { CompiledRoute } from "./router.js";

/** What one process counts, in the form that prom-client adds up; it can be sent to another process as JSON. */
export type MetricsSnapshot = readonly object[];

/** What the other workers of a `serve` count. */
export interface OtherMetrics {
  readonly snapshots: readonly MetricsSnapshot[];
  /** Workers that did not answer in time, or are just being started. */
  readonly missing: number;
  /** Exceptions in the process that started the workers, which answers no requests. */
  readonly supervisorExceptions: number;
}

export interface MetricsSources {
  readonly routes: readonly CompiledRoute[];
  readonly admission: Admission;
  readonly eventStreams: EventStreams;
  readonly unexpected: UnexpectedExceptions;
  /** Open connections to the API port. */
  connections(): Promise<number>;
  /** Which worker of a `serve` this is, from 1. */
  readonly worker: number;
  /** Absent where this process is the only one. */
  readonly others?: (() => Promise<OtherMetrics>) | undefined;
}

const EXCEPTIONS = {
  name: "kvasir_unexpected_exceptions_total",
  help: "Exceptions that nothing expected: each is a bug of Kvasir, and in its log.",
  type: "counter",
  aggregator: "sum",
} as const;

/** What `/metrics` answers. Requests are counted as plain numbers (`RouteStats`) and turned into metrics here. */
export class Metrics {
  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;
  readonly #registry = new Registry();
  readonly #others: MetricsSources["others"];

  constructor(sources: MetricsSources) {
    const { routes, admission, eventStreams, unexpected, connections, worker, others } = sources;
    this.#others = others;
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    new Counter({
      name: "kvasir_http_requests_total",
      help: "Requests answered, by operation and status.",
      labelNames: ["dialect", "operation", "status"],
      registers,
      collect() {
        this.reset();
        for (const { dialect, route, stats } of routes) {
          for (const [status, count] of stats.statuses()) {
            this.inc({ dialect: dialect.name, operation: route.operation, status }, count);
          }
        }
      },
    });
    new Counter({
      name: "kvasir_worker_http_requests_total",
      help: "Requests answered, by the worker that did; a worker that was started again counts anew.",
      labelNames: ["worker", "dialect"],
      registers,
      collect() {
        this.reset();
        for (const { dialect, stats } of routes) {
          if (stats.count > 0) this.inc({ worker, dialect: dialect.name }, stats.count);
        }
      },
    });
    // A registry takes whatever has a name and get(); its type names prom-client's own classes only.
    this.#registry.registerMetric(new DurationHistogram(routes) as unknown as Metric);
    new Gauge({
      name: "kvasir_http_connections",
      help: "Open connections to the API port.",
      registers,
      async collect() {
        this.set(await connections());
      },
    });
    new Gauge({
      name: "kvasir_http_buffered_bytes",
      help: "Memory that requests under way hold for bodies and responses.",
      registers,
      collect() {
        this.set(admission.bytesHeld);
      },
    });
    new Gauge({
      name: "kvasir_http_waiting_requests",
      help: "Requests that wait for that memory.",
      registers,
      collect() {
        this.set(admission.waiting);
      },
    });
    new Counter({
      name: "kvasir_http_gave_way_total",
      help: "Requests that were ended because others waited for the memory that they held.",
      registers,
      collect() {
        this.reset();
        this.inc(admission.gaveWay);
      },
    });
    new Gauge({
      name: "kvasir_http_event_streams",
      help: "Watches under way.",
      registers,
      collect() {
        this.set(eventStreams.size);
      },
    });
    new Counter({
      ...EXCEPTIONS,
      labelNames: ["origin"],
      registers,
      collect() {
        this.reset();
        for (const [origin, count] of unexpected.counts()) this.inc({ origin }, count);
      },
    });
  }

  /** Of this process alone. */
  snapshot(): Promise<MetricsSnapshot> {
    return this.#registry.getMetricsAsJSON();
  }

  /** Of all processes together, as far as the others answer. */
  async text(): Promise<string> {
    if (this.#others === undefined) return this.#registry.metrics();
    const [own, others] = await Promise.all([this.snapshot(), this.#others()]);
    const { snapshots, missing, supervisorExceptions } = others;
    // The type is of one snapshot; what it takes is a list of them.
    const sum = AggregatorRegistry.aggregate([
      own,
      ...snapshots,
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
      help: "Workers that did not answer in time, or are just being started: their figures are not in these.",
    }).set(missing);
    return sum.metrics();
  }
}
