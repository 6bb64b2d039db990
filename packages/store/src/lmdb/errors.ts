import { KvError } from "@kvasir/client";

/** The texts by which LMDB's binding tells its errors apart; it attaches the number only at times. */
const FULL = /MDB_MAP_FULL|No space left on device|ENOSPC|Disk quota exceeded|EDQUOT|EFBIG|File too large/;
const READ_ONLY = /EROFS|Read-only file system|EACCES|Permission denied|EPERM|Operation not permitted/;
const CORRUPT =
  /MDB_CORRUPTED|MDB_INVALID|MDB_VERSION_MISMATCH|MDB_PAGE_NOTFOUND|MDB_PANIC|MDB_BAD_TXN|Invalid argument|Input\/output error/;

/** What the caller can act on, for whatever LMDB's binding or the file system threw. */
export function storageError(error: unknown, path: string): KvError {
  if (error instanceof KvError) return error;
  const text = `${(error as { code?: unknown }).code ?? ""} ${error instanceof Error ? error.message : error}`;
  if (FULL.test(text)) {
    return new KvError("storage_full", `There is no space left for the data in ${path}.`, {
      hint: "Free disk space and write again; what was stored before is still there.",
      cause: error,
    });
  }
  if (READ_ONLY.test(text)) return readOnlyError(path, error);
  if (CORRUPT.test(text)) {
    return new KvError("storage_corrupt", `The data in ${path} cannot be read: ${messageOf(error)}`, {
      hint: "Restore the directory from a backup, or move it away to start empty.",
      cause: error,
    });
  }
  return new KvError("internal", `The store in ${path} failed: ${messageOf(error)}`, { cause: error });
}

export function readOnlyError(path: string, cause?: unknown): KvError {
  return new KvError("storage_read_only", `The data in ${path} cannot be written.`, {
    hint: "Give this user permission to write to the directory and the files in it, then open it again.",
    cause,
  });
}

export function closedError(): KvError {
  return new KvError("unavailable", "The store is closed.", { hint: "Open it again." });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
