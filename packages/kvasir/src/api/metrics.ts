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
import type { LastBackup } from "./last-backup.js";
import type { CompiledRoute } from "./router.js";

/** The counts of one process in the form that prom-client adds up. Can be sent to another process as JSON. */
export type MetricsSnapshot = readonly object[];

/** The counts of the other workers of a `serve`. */
export interface OtherMetrics {
  readonly snapshots: readonly MetricsSnapshot[];
  /** The number of workers that did not respond in time or are just starting. */
  readonly missing: number;
  /** Exceptions in the process that started the workers. It serves no requests. */
  readonly supervisorExceptions: number;
}

export interface MetricsSources {
  readonly routes: readonly CompiledRoute[];
  readonly admission: Admission;
  readonly eventStreams: EventStreams;
  readonly unexpected: UnexpectedExceptions;
  /** The number of open connections to the API port. */
  connections(): Promise<number>;
  /** The number of this worker of a `serve`, from 1. */
  readonly worker: number;
  /** Absent if this server makes no backups. */
  readonly lastBackup?: (() => LastBackup) | undefined;
  /** Absent if this is the only process. */
  readonly others?: (() => Promise<OtherMetrics>) | undefined;
}

const EXCEPTIONS = {
  name: "kvasir_unexpected_exceptions_total",
  help: "Exceptions that nothing expected: each is a bug of Kvasir, and in its log.",
  type: "counter",
  aggregator: "sum",
} as const;

/**
 * The content of `/metrics`. Requests are counted as plain numbers (`RouteStats`) and turned into metrics
 * here.
 */
export class Metrics {
  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;
  readonly #registry = new Registry();
  readonly #others: MetricsSources["others"];

  constructor(sources: MetricsSources) {
    const { routes, admission, eventStreams, unexpected, connections, worker, others, lastBackup } = sources;
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
    // A registry accepts any object with a name and get(), but its type allows only prom-client's own
    // classes.
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
    if (lastBackup !== undefined) {
      new Gauge({
        name: "kvasir_backup_age_seconds",
        help: "Age of the last good backup; without one, how long the server has waited for it.",
        // Each process looks at the same folder.
        aggregator: "max",
        registers,
        collect() {
          this.set(lastBackup().ageSeconds);
        },
      });
    }
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

  /** The counts of this process alone. */
  snapshot(): Promise<MetricsSnapshot> {
    return this.#registry.getMetricsAsJSON();
  }

  /** The counts of all processes together, as far as the others respond. */
  async text(): Promise<string> {
    if (this.#others === undefined) return this.#registry.metrics();
    const [own, others] = await Promise.all([this.snapshot(), this.#others()]);
    const { snapshots, missing, supervisorExceptions } = others;
    // The type is that of one snapshot, but the function takes a list of them.
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
