import { type CheckReport, unreadableReport } from "../../store/check-report.js";
import { checkTables } from "./check.js";
import { openEnvironment } from "./environment.js";
import { checkPages } from "./page-check.js";

/**
 * Checks the data directory `location`, also while other processes have it open. Changes nothing. It reads the pages of the
 * file first, then every row if LMDB can read the file at all. Some kinds of damage can still end the
 * process, so run it in a process of its own.
 *
 * @throws KvError `storage_corrupt` if the directory cannot be opened at all, `storage_format`,
 * `storage_read_only`
 */
export async function checkDataDirectory(location: string): Promise<CheckReport> {
  const environment = openEnvironment(location, { durability: "strict", readOnly: true });
  // Keeps writers from reusing the pages that the check is reading.
  const reading = environment.root.useReadTransaction();
  try {
    const problems = checkPages(environment.file);
    return problems.length > 0 ? unreadableReport(problems) : checkTables(environment.tables);
  } finally {
    reading.done();
    await environment.letGo();
  }
}
