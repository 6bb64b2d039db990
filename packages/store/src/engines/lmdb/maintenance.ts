import { writeBackup } from "../../backup/write-backup.js";
import type { BackupOptions, BackupReport, DataSnapshot } from "../../store/backup.js";
import type { CheckReport } from "../../store/check-report.js";
import type { Maintenance, NamespaceUsage, StorageFigures, SweepOptions } from "../../store/maintenance.js";
import { checkTables } from "./check.js";
import { checkDataDirectory } from "./check-directory.js";
import { takeSnapshot } from "./data-snapshot.js";
import type { Session } from "./session.js";
import { storageFigures } from "./storage-figures.js";
import type { Sweeper } from "./sweeper.js";
import { rowsOf, type TableName } from "./tables.js";
import { usageOf } from "./usage.js";

export interface LmdbMaintenance extends Maintenance {
  /** Looks at everything at once, without letting other work of the process through. */
  check(): CheckReport;
  sweep(options?: SweepOptions): Promise<number>;
  storage(): StorageFigures;
  usage(): Promise<readonly NamespaceUsage[]>;
  /** Absent for a store in memory, whose file has no name. */
  backup?(path: string, options?: BackupOptions): Promise<BackupReport>;
  snapshot?(): DataSnapshot;
  /** Ends the snapshots that are still in use. */
  releaseSnapshots(): void;
  /** The number of rows of a table, including those of expired entries and deleted namespaces. */
  rowsOf(table: TableName): number;
}

export function lmdbMaintenance(session: Session, sweeper: Sweeper): LmdbMaintenance {
  const { environment } = session;
  const { tables } = environment;
  const snapshots = new Set<DataSnapshot>();
  const snapshot = () => {
    session.assertOpen();
    const taken = takeSnapshot(environment, session.nowMs(), () => snapshots.delete(taken));
    snapshots.add(taken);
    return taken;
  };
  const copies = {
    snapshot,
    backup: async (path: string, options: BackupOptions = {}) =>
      await writeBackup(snapshot(), path, { ...options, check: options.check ?? checkDataDirectory }),
  };
  return {
    ...(environment.files === null ? {} : copies),

    releaseSnapshots() {
      for (const taken of snapshots) taken.release();
    },

    check() {
      session.beginRead();
      return checkTables(tables);
    },

    async sweep(options) {
      session.assertOpen();
      return sweeper.sweep(options);
    },

    usage: () => usageOf(tables, { nowMs: () => session.nowMs(), beginSlice: () => session.beginRead() }),

    storage() {
      session.beginRead();
      try {
        const { expiredTotal: sweptTotal } = sweeper;
        return storageFigures(session.environment, { nowMs: session.nowMs(), sweptTotal });
      } catch (error) {
        throw session.storageError(error);
      }
    },

    rowsOf(table) {
      session.beginRead();
      return rowsOf(tables[table]);
    },
  };
}
