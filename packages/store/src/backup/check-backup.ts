import { existsSync } from "node:fs";
import { join } from "node:path";
import type { MaybePromise } from "@kvasir/client/namespace";
import { type CheckReport, unreadableReport } from "../store/check-report.js";
import { DATA_FILE } from "../store/files.js";
import { hashOfFile } from "./copy-file.js";
import { readManifest } from "./manifest.js";

/**
 * Checks a backup: its data file against the checksum that it was found sound with, then everything in it as in a data
 * directory.
 *
 * @param check checks a data directory. A backup in an older format is only compared with its checksum, because opening
 *   it would change it
 */
export async function checkBackup(
  path: string,
  currentFormat: number,
  check: (directory: string) => MaybePromise<CheckReport>,
): Promise<CheckReport> {
  const manifest = readManifest(path);
  const file = join(path, DATA_FILE);
  if (manifest === null || !existsSync(file)) return unreadableReport([`${file} is missing.`]);
  const { bytes, sha256 } = await hashOfFile(file);
  const isSame = bytes === manifest.fileBytes && sha256 === manifest.sha256;
  const changed = { message: `${file} has changed since the backup was made.` };
  if (manifest.format !== currentFormat) {
    return {
      readable: true,
      entries: manifest.entries ?? 0,
      bytes: manifest.bytes ?? 0,
      problemCount: isSame ? 0 : 1,
      problems: isSame ? [] : [changed],
    };
  }
  const report = await check(path);
  if (isSame) return report;
  return { ...report, problemCount: report.problemCount + 1, problems: [changed, ...report.problems] };
}
