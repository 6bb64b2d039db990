import { existsSync } from "node:fs";
import { join } from "node:path";
import { addToRing, type BackupReport, DATA_FILE, writeBackup } from "@kvasir/store";
import { Failure } from "../../failure/failure.js";
import { checkData } from "../../server/check-process.js";
import { CLUSTER_BACKUPS, dataDirectory } from "../../server/data-directory.js";
import { noteLine, printJson, printLine } from "../../terminal/output.js";
import { byteProgress } from "../../terminal/progress-bar.js";
import { isLocal, withData } from "../data/open-data.js";
import type { DataOptions } from "../options/options.js";

export interface BackupTarget {
  readonly path: string;
  /** How many backups of the ring at `path` stay. `undefined`: `path` is a single backup. */
  readonly keep: number | undefined;
  readonly signal: AbortSignal;
}

/** Makes one backup of the data that the flags name, and prints what it is. */
export async function makeBackup(options: DataOptions, { path, keep, signal }: BackupTarget): Promise<void> {
  const json = options.json === true;
  const directory = isLocal(options) ? dataDirectory(options, CLUSTER_BACKUPS) : undefined;
  if (directory !== undefined) assertData(directory);
  const report = await withData(options, "reads", async ({ admin }) => {
    const snapshot = await admin.data.snapshot();
    const progress = await byteProgress({ json });
    const copying = {
      signal,
      // In a process of its own, because reading damaged data may end the process that reads them.
      check: (copy: string) => checkData(copy, signal),
      onProgress: ({ bytes, bytesTotal }: { readonly bytes: number; readonly bytesTotal: number }) =>
        progress.update(bytes, bytesTotal),
    };
    try {
      if (keep === undefined) return await writeBackup(snapshot, path, copying);
      return await addToRing(snapshot, path, { ...copying, keep });
    } finally {
      progress.stop();
    }
  });
  await print(report, { json, leftOut: directory === undefined ? [] : leftOutOf(directory) });
}

function assertData(directory: string): void {
  if (existsSync(join(directory, DATA_FILE))) return;
  throw new Failure(`There are no data in ${directory}.`, {
    hint: "Give --data the directory that the server uses, or its address with --url.",
  });
}

/** What functions keep beside the namespaces. workerd has these files open, so a copy of them might not be whole. */
function leftOutOf(directory: string): readonly string[] {
  const objects = join(directory, "durable-objects");
  return existsSync(objects) ? [objects] : [];
}

async function print(
  { path, atMs, position, entries, bytes, fileBytes }: BackupReport,
  { json, leftOut }: { readonly json: boolean; readonly leftOut: readonly string[] },
): Promise<void> {
  const at = new Date(atMs).toISOString();
  if (json) {
    const counts = { entries, bytes, skipped: 0, refused: 0 };
    return await printJson({ event: "backed-up", ...counts, path, at, position, fileBytes, leftOut });
  }
  await printLine(`Backed up ${entries} entries, ${bytes} bytes of values, as of ${at}, to ${path}`);
  for (const folder of leftOut) {
    await noteLine(`Durable Objects are not in it: stop the functions and copy ${folder} to keep them too.`);
  }
}
