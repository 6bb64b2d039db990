import { checkTables } from "./check.js";
import type { CheckReport } from "./check-report.js";
import { openEnvironment } from "./environment.js";
import { checkPages } from "./page-check.js";

/**
 * Looks at everything in the data directory `location`, also while others have it open. Reads first the pages of its
 * file, then, if LMDB can follow those, every row. A file that is damaged in other ways may end the process: call it in
 * one of its own.
 *
 * @throws KvError `storage_corrupt` when it cannot be opened at all, `storage_format`, `storage_read_only`
 */
export async function checkDataDirectory(location: string): Promise<CheckReport> {
  const environment = openEnvironment(location, { durability: "strict" });
  // Keeps writers from reusing the pages that are looked at.
  const reading = environment.root.useReadTransaction();
  try {
    const problems = checkPages(environment.file).map((message) => ({ message }));
    if (problems.length === 0) return checkTables(environment.tables);
    return { entries: 0, bytes: 0, problemCount: problems.length, problems };
  } finally {
    reading.done();
    await environment.letGo();
  }
}
