import { KvError } from "@kvasir/client/namespace";
import { readMeta, writeMeta } from "./meta.js";
import { beginSealing, isSealing, isWithoutChecksums, sealNextRows } from "./migrate-checksums.js";
import type { Tables } from "./tables.js";

/**
 * The format that this program writes. Raise it, with a migration, when the meaning of the data on disk
 * changes.
 */
export const FORMAT = 2;

/**
 * Returns 0 if nothing is stored yet.
 *
 * @throws KvError `storage_format` if a newer program wrote the data
 */
export function readFormat(tables: Pick<Tables, "meta">, file: string): number {
  const format = isWithoutChecksums(tables) ? 1 : readMeta(tables.meta, "format");
  if (format <= FORMAT) return format;
  throw formatError(
    `The data in ${file} has format ${format}; this program reads formats up to ${FORMAT}.`,
    "Use the version of Kvasir that wrote it, or a newer one.",
  );
}

/** Whether all data is in this program's format. */
export function isCurrent(tables: Pick<Tables, "meta">, file: string): boolean {
  return readFormat(tables, file) === FORMAT && !isSealing(tables);
}

/** What a migration needs from the code that opens the directory. */
export interface MigrationHelp {
  /** The processes that have the directory open. */
  others(): readonly number[];
  /** Called before the first change to data of the older format `format`. */
  beforeUpgrade(format: number): void;
}

/**
 * Inside a transaction: marks a new directory, refuses a newer one, and migrates an older one by a step of
 * bounded size. Returns whether the directory is now up to date.
 *
 * @throws KvError `storage_format`, and what `beforeUpgrade` throws
 */
export function migrateStep(tables: Tables, file: string, { others, beforeUpgrade }: MigrationHelp): boolean {
  const found = readFormat(tables, file);
  if (found === 0) {
    writeMeta(tables.meta, "format", FORMAT);
    return true;
  }
  if (found === 1) {
    // A running older program would read the new rows as rows of its own format.
    const [pid] = others();
    if (pid !== undefined) throw inUseError(file, pid);
    beforeUpgrade(found);
    beginSealing(tables);
  }
  return sealNextRows(tables);
}

export function olderFormatError(file: string): KvError {
  return formatError(
    `The data in ${file} has an older format, which has to be upgraded before it can be checked.`,
    "Open it once with `kvasir serve` or any `kvasir kv` command, which upgrade it, then check again.",
  );
}

function inUseError(file: string, pid: number): KvError {
  return formatError(
    `The data in ${file} has an older format, and an older Kvasir (process ${pid}) has it open.`,
    "Stop that process, then open the data again: it is then brought to the new format.",
  );
}

function formatError(message: string, hint: string): KvError {
  return new KvError("storage_format", message, { hint });
}
