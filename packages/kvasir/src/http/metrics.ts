import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Admission } from "./admission.js";
import type { EventStreams } from "./event-stream.js";
import { DURATION_BUCKETS_SECONDS } from "./route-stats.js";
import type { CompiledRoute } from "./router.js";

export interface MetricsSources {
  readonly routes: readonly CompiledRoute[];
  readonly admission: Admission;
  readonly eventStreams: EventStreams;
  /** Open connections to the API port. */
  connections(): Promise<number>;
}

/** What `/metrics` answers. Requests are counted as plain numbers (`RouteStats`) and turned into metrics here. */
export class Metrics {
  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;
  readonly #registry = new Registry();
  readonly #routes: readonly CompiledRoute[];

  constructor({ routes, admission, eventStreams, connections }: MetricsSources) {
    this.#routes = routes;
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
      help: "Memory that requests under way may hold for bodies.",
      registers,
      collect() {
        this.set(admission.bytesHeld);
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
  }

  async text(): Promise<string> {
    return `${await this.#registry.metrics()}\n${[...this.#durations()].join("\n")}\n`;
  }

  /** By hand: prom-client's histogram can only be fed one observation at a time. */
  *#durations(): Generator<string> {
    const name = "kvasir_http_request_duration_seconds";
    yield `# HELP ${name} Time from a request's head to its answer's.`;
    yield `# TYPE ${name} histogram`;
    for (const { dialect, route, stats } of this.#routes) {
      const labels = `dialect="${dialect.name}",operation="${route.operation}"`;
      let count = 0;
      for (const [at, bound] of [...DURATION_BUCKETS_SECONDS, "+Inf"].entries()) {
        count += stats.buckets[at] ?? 0;
        if (count > 0) yield `${name}_bucket{${labels},le="${bound}"} ${count}`;
      }
      if (count === 0) continue;
      yield `${name}_sum{${labels}} ${stats.secondsSum}`;
      yield `${name}_count{${labels}} ${count}`;
    }
  }
}
