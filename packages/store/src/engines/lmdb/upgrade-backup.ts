import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statfsSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { KvError } from "@kvasir/client/namespace";
import { fileError, formatBytes } from "../../backup/errors.js";
import { readManifest, renderManifest } from "../../backup/manifest.js";
import { finished, removeLeftovers, unfinishedPath } from "../../backup/unfinished.js";
import { putInPlace } from "../../backup/write-backup.js";
import { newestHead } from "./data-file.js";
import { DATA_FILE, PRIVATE_DIRECTORY_MODE, PRIVATE_FILE_MODE, SNAPSHOT_CHUNK_BYTES } from "./limits.js";

/**
 * Copies the data file before an upgrade changes it, and returns the path of the backup. Call it inside a write
 * transaction, so that no process commits meanwhile. A backup of the same data that is there already is not made again:
 * an upgrade may have been interrupted just after it.
 *
 * @throws KvError `storage_full`, which names the space that is needed, if the disk is too small
 */
export function backUpBeforeUpgrade(file: string, format: number): string {
  const found = identify(file);
  const place = placeFor(dirname(file), format);
  for (let number = 1; ; number++) {
    const path = number === 1 ? place : `${place}-${number}`;
    if (!existsSync(path)) {
      copyTo(path, file, { ...found, format });
      return path;
    }
    if (isOf(path, found)) return path;
  }
}

interface Found {
  readonly bytes: number;
  /** The number of the last transaction, as text. */
  readonly transaction: string;
  /** When it was last written, in milliseconds since the epoch. */
  readonly writtenMs: number;
}

function identify(file: string): Found {
  const descriptor = openSync(file, "r");
  try {
    const { transaction } = newestHead(descriptor, file);
    const { size, mtimeMs } = statSync(file);
    return { bytes: size, transaction: String(transaction), writtenMs: Math.round(mtimeMs) };
  } finally {
    closeSync(descriptor);
  }
}

function isOf(path: string, { transaction }: Found): boolean {
  try {
    return readManifest(path)?.transaction === transaction;
  } catch {
    return false;
  }
}

/**
 * Beside the directory. Inside it if this user may not write beside it, as in `/var/lib`, or if the directory is a disk
 * of its own, as in a container: what is beside it may be gone with the container.
 */
function placeFor(directory: string, format: number): string {
  const parent = dirname(directory);
  const probe = unfinishedPath(join(parent, "kvasir"));
  try {
    if (statSync(parent).dev !== statSync(directory).dev) throw new Error("another disk");
    mkdirSync(probe);
    rmSync(probe, { recursive: true });
    return `${directory}.format-${format}.backup`;
  } catch {
    return join(directory, `format-${format}.backup`);
  } finally {
    finished(probe);
  }
}

function copyTo(
  path: string,
  file: string,
  { bytes, transaction, writtenMs, format }: Found & { readonly format: number },
): void {
  const folder = dirname(path);
  removeLeftovers(folder);
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < bytes) throw tooSmallError(file, { path, bytes, freeBytes: bavail * bsize });
  const unfinished = unfinishedPath(path);
  try {
    mkdirSync(unfinished, { mode: PRIVATE_DIRECTORY_MODE });
    const copy = join(unfinished, DATA_FILE);
    copyFileSync(file, copy, constants.COPYFILE_FICLONE);
    chmodSync(copy, PRIVATE_FILE_MODE);
    const sha256 = hashAndFlush(copy);
    if (sha256 !== hashAndFlush(file))
      throw new KvError("storage_corrupt", `The copy of ${file} differs from it.`, {
        hint: "Check the disk, then open the data again.",
      });
    const described = { atMs: writtenMs, position: null, format, sequence: 1, entries: null, bytes: null };
    putInPlace(unfinished, path, renderManifest({ ...described, fileBytes: bytes, sha256, transaction }));
  } catch (error) {
    throw fileError(error, path, bytes);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
    finished(unfinished);
  }
}

/** Puts a file on disk and returns its SHA-256. */
function hashAndFlush(file: string): string {
  const descriptor = openSync(file, "r+");
  try {
    fsyncSync(descriptor);
    const hash = createHash("sha256");
    const chunk = Buffer.allocUnsafe(SNAPSHOT_CHUNK_BYTES);
    for (;;) {
      const read = readSync(descriptor, chunk, 0, chunk.length, null);
      if (read === 0) return hash.digest("hex");
      hash.update(chunk.subarray(0, read));
    }
  } finally {
    closeSync(descriptor);
  }
}

function tooSmallError(
  file: string,
  { path, bytes, freeBytes }: { readonly path: string; readonly bytes: number; readonly freeBytes: number },
): KvError {
  return new KvError(
    "storage_full",
    `The data in ${file} have to be upgraded, and the backup before that needs ${formatBytes(bytes)} at ${path}, where ${formatBytes(freeBytes)} are free.`,
    {
      hint: "Free that much space. To go on without a backup, set KVASIR_UPGRADE_BACKUP=off, or pass `upgradeBackup: false` to open().",
    },
  );
}
