import { Counter, Gauge, type Registry } from "prom-client";
import type { MetricsSources } from "./sources.js";

export const EXCEPTIONS = {
  name: "kvasir_unexpected_exceptions_total",
  help: "Exceptions that nothing expected. Each is a bug of Kvasir, and in its log.",
  type: "counter",
  aggregator: "sum",
} as const;

/** Requests to the API, and what they hold. */
export function registerHttpMetrics(registers: Registry[], sources: MetricsSources): void {
  const { routes, admission, eventStreams, unexpected, connections, worker } = sources;
  new Counter({
    name: "kvasir_http_requests_total",
    help: "Responses, by operation and status.",
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
    help: "Responses, by the worker that sent them.",
    labelNames: ["worker", "dialect"],
    registers,
    collect() {
      this.reset();
      for (const { dialect, stats } of routes) {
        if (stats.count > 0) this.inc({ worker, dialect: dialect.name }, stats.count);
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
    help: "Memory that requests in flight hold for bodies and responses.",
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
    help: "Watches in flight.",
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
