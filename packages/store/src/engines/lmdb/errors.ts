import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { KvError } from "@kvasir/client/namespace";
import { FREE_BYTES_LOW } from "./limits.js";

/** LMDB's binding attaches an error number only sometimes, so its errors are recognised by their texts. */
const FULL = /MDB_MAP_FULL|No space left on device|ENOSPC|Disk quota exceeded|EDQUOT|EFBIG|File too large/;
const READ_ONLY = /EROFS|Read-only file system|EACCES|Permission denied|EPERM|Operation not permitted/;
/** LMDB reports an incomplete write in this way. A failing disk looks the same. */
const HALF_DONE = /Input\/output error|EIO|MDB_BAD_TXN/;
const CORRUPT = /MDB_CORRUPTED|MDB_INVALID|MDB_VERSION_MISMATCH|MDB_PAGE_NOTFOUND|MDB_PANIC|Invalid argument/;

/**
 * Turns an error that LMDB's binding or the file system threw for `file` into one that the caller can act on.
 */
export function storageError(error: unknown, file: string): KvError {
  if (error instanceof KvError) return error;
  const text = `${(error as NodeJS.ErrnoException | undefined)?.code ?? ""} ${messageOf(error)}`;
  if (FULL.test(text) || (HALF_DONE.test(text) && isNearlyFull(file))) return fullError(file, error);
  if (READ_ONLY.test(text)) return readOnlyError(file, error);
  if (CORRUPT.test(text) || HALF_DONE.test(text)) return corruptError(file, messageOf(error), error);
  return new KvError("internal", `The store in ${file} failed: ${messageOf(error)}`, { cause: error });
}

export function fullError(file: string, cause?: unknown): KvError {
  return new KvError("storage_full", `There is no space left for the data in ${file}.`, {
    hint: "Free disk space and write again; what was stored before is still there.",
    cause,
  });
}

export function readOnlyError(file: string, cause?: unknown): KvError {
  return new KvError("storage_read_only", `The data in ${file} cannot be written.`, {
    hint: "Give this user permission to write to the directory and the files in it, then open it again.",
    cause,
  });
}

export function corruptError(file: string, what: string, cause?: unknown): KvError {
  return new KvError("storage_corrupt", `The data in ${file} cannot be read: ${what}.`, {
    hint: "Restore the directory from a backup, or move it away to start empty.",
    cause,
  });
}

/** `problems` are sentences about the pages of the file. */
export function damagedFileError(file: string, problems: readonly string[]): KvError {
  return corruptError(file, `it is damaged: ${problems.slice(0, 3).join(" ").replace(/\.$/, "")}`);
}

/** `lost` names the file of the store that is missing. */
export function goneError(file: string, lost: "data" | "lock"): KvError {
  if (lost === "data") {
    return new KvError(
      "storage_gone",
      `The data in ${file} were moved, removed or replaced while they were open.`,
      {
        hint: "Move the same directory back, or restart to use what is there now. What is written meanwhile is refused.",
      },
    );
  }
  return new KvError(
    "storage_gone",
    `The lock file beside ${file} was removed or replaced while the data were open.`,
    {
      hint: "Stop every process that has the data open, then start again. What is written meanwhile is refused.",
    },
  );
}

export function lockMissingError(file: string, pid: string): KvError {
  return new KvError(
    "storage_gone",
    `The lock file beside ${file} was removed while the process ${pid} has the data open.`,
    {
      hint: "Stop that process, then open the data again: without the lock file the two would damage each other's data.",
    },
  );
}

function isNearlyFull(file: string): boolean {
  const folder = dirname(file);
  try {
    // The directory of a store in memory no longer exists. Its parent is on the same disk.
    const { bavail, bsize } = statfsSync(existsSync(folder) ? folder : dirname(folder));
    return bavail * bsize < FREE_BYTES_LOW;
  } catch {
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
