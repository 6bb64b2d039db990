import type { CheckReport } from "../../store/check-report.js";
import type { Maintenance, NamespaceUsage, StorageFigures, SweepOptions } from "../../store/maintenance.js";
import { checkTables } from "./check.js";
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
  /** The number of rows of a table, including those of expired entries and deleted namespaces. */
  rowsOf(table: TableName): number;
}

export function lmdbMaintenance(session: Session, sweeper: Sweeper): LmdbMaintenance {
  const { tables } = session.environment;
  return {
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
