import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { MaybePromise } from "@kvasir/client/namespace";
import { type CheckReport, unreadableReport } from "../store/check-report.js";
import { DATA_FILE } from "../store/files.js";
import { hashOfFile } from "./copy-file.js";
import { type Manifest, readManifest } from "./manifest.js";

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
  let manifest: Manifest | null;
  try {
    manifest = readManifest(path);
  } catch (error) {
    return unreadableReport([(error as Error).message]);
  }
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
  const report = await checkWithoutTraces(path, check);
  if (isSame) return report;
  return { ...report, problemCount: report.problemCount + 1, problems: [changed, ...report.problems] };
}

/** Removes the lock file that opening the data makes, unless somebody had opened them before. */
async function checkWithoutTraces(
  path: string,
  check: (directory: string) => MaybePromise<CheckReport>,
): Promise<CheckReport> {
  const lock = join(path, `${DATA_FILE}-lock`);
  const wasThere = existsSync(lock);
  try {
    return await check(path);
  } finally {
    if (!wasThere) rmSync(lock, { force: true });
  }
}
