import { KvError } from "@kvasir/client/namespace";

/** Turns an error of the file system at `path` into one that the caller can act on. */
export function fileError(error: unknown, path: string, neededBytes?: number): unknown {
  if (error instanceof KvError) return error;
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return new KvError("storage_full", `There is no space left for ${path}${needed(neededBytes)}.`, {
        hint: "Free disk space and try again. Nothing of this copy is left behind; older backups are untouched.",
        cause: error,
      });
    case "EACCES":
    case "EPERM":
      return new KvError("storage_read_only", `This user may not write or read ${path}.`, {
        hint: "Choose another place, or run as a user who has permission.",
        cause: error,
      });
    case "EROFS":
      return new KvError("storage_read_only", `${path} is on a read-only file system.`, {
        hint: "Choose a place that can be written.",
        cause: error,
      });
    case "ENOTDIR":
      return new KvError("bad_request", `${path} leads through something that is not a folder.`, {
        hint: "Check the path.",
        cause: error,
      });
    case "EIO":
      return new KvError("storage_corrupt", `The disk reported an error for ${path}.`, {
        hint: "Check the disk, or choose another one.",
        cause: error,
      });
    default:
      return error;
  }
}

/** Bytes as people read them, such as `1.4 GB`. */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.ceil(value) : value.toFixed(1)} ${units[unit]}`;
}

function needed(bytes: number | undefined): string {
  return bytes === undefined ? "" : `, which needs ${formatBytes(bytes)}`;
}
