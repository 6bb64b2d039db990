import { checkTables } from "../../../packages/store/src/engines/lmdb/check.js";
import { openEnvironment } from "../../../packages/store/src/engines/lmdb/environment.js";
import type { LmdbStore } from "../../../packages/store/src/engines/lmdb/lmdb-store.js";

/** The inconsistencies in a data directory, found by the store's own check. Empty if there are none. */
export async function checkDirectory(directory: string): Promise<readonly string[]> {
  const environment = openEnvironment(directory, { durability: "strict" });
  try {
    return checkTables(environment.tables).problems.map(({ message }) => message);
  } finally {
    await environment.letGo();
  }
}

/** The same for a store that is open. */
export function problemsIn(store: LmdbStore): readonly string[] {
  return store.maintenance.check().problems.map(({ message }) => message);
}
