import { Gauge, type Registry } from "prom-client";
import type { MetricsSources } from "./sources.js";

/** The age of the last backup, if the server makes backups. */
export function registerBackupMetrics(
  registers: Registry[],
  { lastBackup }: Pick<MetricsSources, "lastBackup">,
): void {
  if (lastBackup === undefined) return;
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
