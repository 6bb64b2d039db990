import { checkTables } from "../../../packages/store/src/lmdb/check.js";
import { openEnvironment } from "../../../packages/store/src/lmdb/environment.js";

/** The inconsistencies in a data directory, found by the store's own check. Empty if there are none. */
export async function checkDirectory(directory: string): Promise<readonly string[]> {
  const environment = openEnvironment(directory, { durability: "strict" });
  try {
    return checkTables(environment.tables).problems.map(({ message }) => message);
  } finally {
    await environment.letGo();
  }
}
