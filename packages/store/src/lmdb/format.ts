import { KvError } from "@kvasir/client";
import { readMeta, writeMeta } from "./meta.js";
import { indexTitles } from "./namespace-table.js";
import type { Tables } from "./tables.js";

/** What this program writes. Raise it with a migration when what lies on disk changes its meaning. */
export const FORMAT = 2;

/** Steps from a format to the next, by the format they start from. */
const MIGRATIONS: ReadonlyMap<number, (tables: Tables) => void> = new Map([[1, indexTitles]]);

/**
 * 0: nothing is stored yet.
 *
 * @throws KvError `storage_format` when a newer program wrote it
 */
export function readFormat(tables: Tables, file: string): number {
  const format = readMeta(tables.meta, "format");
  if (format <= FORMAT) return format;
  throw new KvError(
    "storage_format",
    `The data in ${file} has format ${format}; this program reads formats up to ${FORMAT}.`,
    { hint: "Use the version of Kvasir that wrote it, or a newer one." },
  );
}

/** Inside a transaction: marks a new directory, brings an older one up to date, refuses a newer one. */
export function migrate(tables: Tables, file: string): void {
  const found = readFormat(tables, file);
  if (found === FORMAT) return;
  for (let format = found; format > 0 && format < FORMAT; format++) MIGRATIONS.get(format)?.(tables);
  writeMeta(tables.meta, "format", FORMAT);
}
