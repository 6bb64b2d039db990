import type { StorageFigures } from "@kvasir/store";
import { Counter, Gauge, type Registry } from "prom-client";
import type { MetricsSources } from "./sources.js";

type Gauges = Readonly<Record<string, readonly [help: string, value: (figures: StorageFigures) => number]>>;

const GAUGES: Gauges = {
  kvasir_data_bytes: ["What the data take on disk.", ({ dataBytes }) => dataBytes],
  kvasir_data_limit_bytes: ["How large the data may become.", ({ dataBytesMax }) => dataBytesMax],
  kvasir_disk_free_bytes: ["What is free on the disk of the data.", ({ diskFreeBytes }) => diskFreeBytes],
  kvasir_disk_size_bytes: ["The size of the disk of the data.", ({ diskBytes }) => diskBytes],
  kvasir_expiring_keys: ["Keys with an expiration.", ({ expiringEntries }) => expiringEntries],
  kvasir_sweep_overdue_seconds: [
    "How long the oldest expired key has waited to be reclaimed. Reads do not see it meanwhile.",
    ({ sweepOverdueMs }) => sweepOverdueMs / 1000,
  ],
};

/** The disk, and what expires. */
export function registerStorageMetrics(
  registers: Registry[],
  { store, worker }: Pick<MetricsSources, "store" | "worker">,
): void {
  if (store.maintenance.storage === undefined) return;
  // `undefined` while the data cannot be reached. `/healthz` says why.
  const figures = async () => {
    try {
      return await store.maintenance.storage?.();
    } catch {
      return undefined;
    }
  };
  new Counter({
    name: "kvasir_swept_keys_total",
    help: "Expired keys that were reclaimed.",
    registers,
    async collect() {
      const found = await figures();
      if (found === undefined) return;
      this.reset();
      this.inc(found.sweptTotal);
    },
  });
  // All workers share the data.
  if (worker !== 1) return;
  for (const [name, [help, figure]] of Object.entries(GAUGES)) {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const found = await figures();
        if (found === undefined) this.remove();
        else this.set(figure(found));
      },
    });
  }
}
