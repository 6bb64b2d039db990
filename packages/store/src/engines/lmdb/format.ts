import { KvError } from "@kvasir/client/namespace";
import { readMeta, writeMeta } from "./meta.js";
import { beginSealing, isSealing, isWithoutChecksums, sealNextRows } from "./migrate-checksums.js";
import type { Tables } from "./tables.js";

/** What this program writes. Raise it with a migration when what lies on disk changes its meaning. */
export const FORMAT = 2;

/**
 * 0: nothing is stored yet.
 *
 * @throws KvError `storage_format` when a newer program wrote it
 */
export function readFormat(tables: Pick<Tables, "meta">, file: string): number {
  const format = isWithoutChecksums(tables) ? 1 : readMeta(tables.meta, "format");
  if (format <= FORMAT) return format;
  throw formatError(
    `The data in ${file} has format ${format}; this program reads formats up to ${FORMAT}.`,
    "Use the version of Kvasir that wrote it, or a newer one.",
  );
}

/** Whether everything is of this program's format. */
export function isCurrent(tables: Tables, file: string): boolean {
  return readFormat(tables, file) === FORMAT && !isSealing(tables);
}

/**
 * Inside a transaction: marks a new directory, refuses a newer one, brings an older one a step of bounded size
 * further. Answers whether it is up to date now. `others` are the processes that have the directory open.
 *
 * @throws KvError `storage_format`
 */
export function migrateStep(tables: Tables, file: string, others: () => readonly number[]): boolean {
  const found = readFormat(tables, file);
  if (found === 0) {
    writeMeta(tables.meta, "format", FORMAT);
    return true;
  }
  if (found === 1) {
    // An older program that is running would take the new rows for rows of its own format.
    const [pid] = others();
    if (pid !== undefined) throw inUseError(file, pid);
    beginSealing(tables);
  }
  return sealNextRows(tables);
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
