import { type CheckReport, unreadableReport } from "../../store/check-report.js";
import { checkTables } from "./check.js";
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
    const problems = checkPages(environment.file);
    return problems.length > 0 ? unreadableReport(problems) : checkTables(environment.tables);
  } finally {
    reading.done();
    await environment.letGo();
  }
}
