import { createHash } from "node:crypto";
import { existsSync, linkSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { KvError } from "@kvasir/client/namespace";
import type { CopyOptions } from "../store/backup.js";
import { DATA_FILE } from "../store/files.js";
import { copyToFile, fileChunks } from "./copy-file.js";
import { fileError } from "./errors.js";
import { flushFolder } from "./flush-folder.js";
import { makePrivateFolder } from "./make-folder.js";
import { type Manifest, readManifest } from "./manifest.js";
import { finished, removeLeftovers, unfinishedPath } from "./unfinished.js";

/** A backup that became a data directory. */
export interface RestoreReport extends Manifest {
  /** The backup. */
  readonly path: string;
  readonly directory: string;
}

/**
 * Makes the data directory `directory` from the backup at `path`. Other files in the directory stay. The data file
 * gets its name when it is whole, on disk, and has the checksum that the backup was found sound with.
 *
 * @throws KvError `bad_request` if `path` is no backup or `directory` has data already, `storage_corrupt` if the backup
 *   is damaged, `storage_full`, `storage_read_only`
 */
export async function restoreBackup(
  path: string,
  directory: string,
  options: CopyOptions = {},
): Promise<RestoreReport> {
  const manifest = readManifest(path);
  if (manifest === null) throw noBackupError(path);
  const to = resolve(directory);
  refuseData(to, directory);
  try {
    const made = makePrivateFolder(to);
    try {
      await restoreFile(path, to, manifest, options);
    } catch (error) {
      if (made) rmdirSync(to);
      throw error;
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw fileError(error, directory, manifest.fileBytes);
  }
  return { ...manifest, path, directory };
}

async function restoreFile(
  path: string,
  directory: string,
  manifest: Manifest,
  options: CopyOptions,
): Promise<void> {
  const file = join(directory, DATA_FILE);
  removeLeftovers(directory, DATA_FILE);
  const unfinished = unfinishedPath(file);
  try {
    const from = join(path, DATA_FILE);
    if (!existsSync(from)) throw damagedError(path, `${DATA_FILE} is missing`);
    const { fileBytes: byteLength, sha256 } = manifest;
    const hash = createHash("sha256");
    const copied = await copyToFile({
      chunks: fileChunks(from),
      byteLength,
      to: unfinished,
      hash,
      ...options,
    });
    if (copied !== byteLength) throw damagedError(path, `it has ${copied} of ${byteLength} bytes`);
    if (hash.digest("hex") !== sha256) throw damagedError(path, "its data have changed since it was made");
    refuseData(directory, directory);
    giveName(unfinished, file);
    flushFolder(directory);
  } finally {
    rmSync(unfinished, { force: true });
    finished(unfinished);
  }
}

/** A link, unlike a rename, never replaces a file. */
function giveName(unfinished: string, file: string): void {
  try {
    linkSync(unfinished, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw holdsDataError(file, DATA_FILE);
    // Not every file system has links.
    renameSync(unfinished, file);
  }
}

/** A lock file without data may be that of a process that still has the lost data open. */
function refuseData(directory: string, shown: string): void {
  for (const name of [DATA_FILE, `${DATA_FILE}-lock`]) {
    if (existsSync(join(directory, name))) throw holdsDataError(shown, name);
  }
}

function holdsDataError(directory: string, name: string): KvError {
  return new KvError(
    "bad_request",
    `${directory} holds data already (${name}), and a restore replaces none.`,
    {
      hint: "Restore to an empty folder. To put the backup in the place of these data, stop what uses them and move them away first.",
    },
  );
}

function noBackupError(path: string): KvError {
  const what = existsSync(path) ? "is not a backup: it has no backup.json" : "does not exist";
  return new KvError("bad_request", `${path} ${what}.`, {
    hint: "Give the folder that `kvasir backup` made, or the ring of backups that it is in.",
  });
}

function damagedError(path: string, what: string): KvError {
  return new KvError("storage_corrupt", `The backup ${path} is damaged: ${what}.`, {
    hint: "Restore another one. `kvasir check` names the backups that are sound.",
  });
}
