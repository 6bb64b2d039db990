import type { NamespaceUsage } from "@kvasir/store";
import { Counter, Gauge, type Registry } from "prom-client";
import { NAMESPACES_MEASURED_MAX } from "../../measures/limits.js";
import type { MetricsSources } from "./sources.js";

/** The label of all namespaces without figures of their own. */
export const OTHER_NAMESPACES = "other";

/** What namespaces are asked for, and what they hold. */
export function registerNamespaceMetrics(
  registers: Registry[],
  { namespaces, store, usage, worker }: Pick<MetricsSources, "namespaces" | "store" | "usage" | "worker">,
): void {
  new Counter({
    name: "kvasir_namespace_requests_total",
    help: "Responses, by namespace, whether the request reads or writes, and class of the status.",
    labelNames: ["namespace", "access", "class"],
    registers,
    collect() {
      this.reset();
      for (const { namespace = OTHER_NAMESPACES, access, stats } of namespaces.entries()) {
        for (const [status, count] of stats.statuses()) {
          this.inc({ namespace, access, class: `${Math.floor(status / 100)}xx` }, count);
        }
      }
    },
  });
  // All workers share the data.
  if (worker !== 1) return;
  new Gauge({
    name: "kvasir_namespaces",
    help: "Namespaces.",
    registers,
    async collect() {
      try {
        this.set((await store.namespaces.list({ limit: 1 })).total);
      } catch {
        // The data cannot be read, as `/healthz` says. The other figures are wanted all the more.
        this.remove();
      }
    },
  });
  if (store.maintenance.usage === undefined) return;
  const labelNames = ["namespace"];
  new Gauge({
    name: "kvasir_namespace_keys",
    help: "Keys that a namespace holds.",
    labelNames,
    registers,
    async collect() {
      this.reset();
      for (const { namespace, entries } of largest(await usage.current())) this.set({ namespace }, entries);
    },
  });
  new Gauge({
    name: "kvasir_namespace_bytes",
    help: "Bytes of the keys, values and metadata that a namespace holds.",
    labelNames,
    registers,
    async collect() {
      this.reset();
      for (const { namespace, bytes } of largest(await usage.current())) this.set({ namespace }, bytes);
    },
  });
}

/** The namespaces that hold the most, and the sum of all others. */
export function largest(usage: readonly NamespaceUsage[]): readonly NamespaceUsage[] {
  if (usage.length <= NAMESPACES_MEASURED_MAX) return usage;
  const sorted = [...usage].sort((a, b) => b.bytes - a.bytes || (a.namespace < b.namespace ? -1 : 1));
  const rest = { namespace: OTHER_NAMESPACES, entries: 0, bytes: 0 };
  for (const { entries, bytes } of sorted.slice(NAMESPACES_MEASURED_MAX)) {
    rest.entries += entries;
    rest.bytes += bytes;
  }
  return [...sorted.slice(0, NAMESPACES_MEASURED_MAX), rest];
}
