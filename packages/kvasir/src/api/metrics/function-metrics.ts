import { Counter, type Registry } from "prom-client";
import type { MetricsSources } from "./sources.js";

/** What functions are asked for. Their processes report it about once a second. */
export function registerFunctionMetrics(
  registers: Registry[],
  { functions }: Pick<MetricsSources, "functions">,
): void {
  new Counter({
    name: "kvasir_function_requests_total",
    help: "Responses of functions, by function and status.",
    labelNames: ["function", "status"],
    registers,
    collect() {
      this.reset();
      for (const { name, requests } of functions.entries()) {
        for (const [status, count] of requests.statuses()) this.inc({ function: name, status }, count);
      }
    },
  });
  new Counter({
    name: "kvasir_function_errors_total",
    help: "Errors that the log has of a function: uncaught exceptions, and ends of its process.",
    labelNames: ["function"],
    registers,
    collect() {
      this.reset();
      for (const { name, errors } of functions.entries()) this.inc({ function: name }, errors);
    },
  });
}
