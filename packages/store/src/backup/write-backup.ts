import { renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { KvError } from "@kvasir/client/namespace";
import type { BackupOptions, BackupReport, DataSnapshot } from "../store/backup.js";
import type { CheckReport } from "../store/check-report.js";
import { DATA_FILE, PRIVATE_FILE_MODE } from "../store/files.js";
import { copyToFile, hashOfFile } from "./copy-file.js";
import { fileError } from "./errors.js";
import { flushFolder } from "./flush-folder.js";
import { MANIFEST_FILE } from "./limits.js";
import { makeFolder, makePrivateFolder } from "./make-folder.js";
import { renderManifest } from "./manifest.js";
import { finished, isTaken, removeLeftovers, unfinishedPath } from "./unfinished.js";

export interface WriteBackupOptions extends BackupOptions {
  readonly check: NonNullable<BackupOptions["check"]>;
  /** See {@link Manifest.sequence}. @default 1 */
  readonly sequence?: number | undefined;
}

/**
 * Writes a snapshot to the new folder `path`, as {@link Maintenance.backup} does. Ends the snapshot.
 *
 * @throws KvError see {@link Maintenance.backup}
 */
export async function writeBackup(
  snapshot: DataSnapshot,
  path: string,
  options: WriteBackupOptions,
): Promise<BackupReport> {
  const to = resolve(path);
  try {
    if (isTaken(to)) throw takenError(path);
    makeFolder(dirname(to));
    removeLeftovers(dirname(to), basename(to));
    return await writeBeside(snapshot, to, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw fileError(error, path, snapshot.byteLength);
  } finally {
    snapshot.release();
  }
}

async function writeBeside(
  snapshot: DataSnapshot,
  path: string,
  { check, sequence = 1, onProgress, signal }: WriteBackupOptions,
): Promise<BackupReport> {
  const { byteLength, atMs, position, format } = snapshot;
  const unfinished = unfinishedPath(path);
  try {
    makePrivateFolder(unfinished);
    const to = join(unfinished, DATA_FILE);
    const copied = await copyToFile({ chunks: snapshot.chunks(), byteLength, to, onProgress, signal });
    // Writers can reuse the space of what they replace while the copy is checked.
    snapshot.release();
    if (copied !== byteLength) throw cutError(path, copied, byteLength);
    const [report, { sha256 }] = await Promise.all([check(unfinished), hashOfFile(to)]);
    signal?.throwIfAborted();
    if (report.problemCount > 0) throw unsoundError(path, report);
    const { entries, bytes } = report;
    const manifest = renderManifest({
      atMs,
      position,
      format,
      sequence,
      entries,
      bytes,
      fileBytes: byteLength,
      sha256,
    });
    putInPlace(unfinished, path, manifest);
    return { path, atMs, position, entries, bytes, fileBytes: byteLength };
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
    finished(unfinished);
  }
}

/** Adds the manifest and gives the folder its name. */
export function putInPlace(unfinished: string, path: string, manifest: string): void {
  // A check opens the copy, which makes a lock file.
  rmSync(join(unfinished, `${DATA_FILE}-lock`), { force: true });
  writeFileSync(join(unfinished, MANIFEST_FILE), manifest, { mode: PRIVATE_FILE_MODE, flush: true });
  flushFolder(unfinished);
  // A rename would replace an empty folder.
  if (isTaken(path)) throw takenError(path);
  renameSync(unfinished, path);
  flushFolder(dirname(path));
}

function takenError(path: string): KvError {
  return new KvError("bad_request", `There is something at ${path} already.`, {
    hint: "Give a path at which there is nothing yet. A ring of backups needs --every or --keep.",
  });
}

function cutError(path: string, bytes: number, expected: number): KvError {
  return new KvError("unavailable", `The data for ${path} ended after ${bytes} of ${expected} bytes.`, {
    hint: "Try again. Nothing of this copy is left behind.",
  });
}

function unsoundError(path: string, { problemCount, problems }: CheckReport): KvError {
  const more = problemCount > 1 ? ` (problems: ${problemCount})` : "";
  return new KvError(
    "storage_corrupt",
    `The data are damaged, so ${path} was not made: ${problems[0]?.message}${more}`,
    {
      hint: "`kvasir check` names all that is damaged. Write or delete the damaged keys, then back up again; keep older backups.",
    },
  );
}
