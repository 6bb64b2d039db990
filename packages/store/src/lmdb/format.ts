import { KvError } from "@kvasir/client";
import type { RootDatabase } from "lmdb";
import { readOnlyError } from "./errors.js";
import { readMeta, writeMeta } from "./meta.js";
import type { Table } from "./tables.js";

/** What this program writes. Raise it with a migration when what lies on disk changes its meaning. */
export const FORMAT = 1;

/** Steps from a format to the next, by the format they start from. Each runs in the transaction that records it. */
const MIGRATIONS: ReadonlyMap<number, (root: RootDatabase) => void> = new Map();

/** Marks a new directory, migrates an older one, refuses a newer one. */
export function prepareFormat(
  root: RootDatabase,
  meta: Table,
  { file, writable }: { readonly file: string; readonly writable: boolean },
): void {
  const found = readMeta(meta, "format");
  if (found === FORMAT) return;
  if (found > FORMAT) throw newerError(file, found);
  if (!writable) throw readOnlyError(file);
  root.transactionSync(() => {
    for (let format = readMeta(meta, "format"); format > 0 && format < FORMAT; format++) {
      MIGRATIONS.get(format)?.(root);
    }
    writeMeta(meta, "format", FORMAT);
  });
}

function newerError(file: string, found: number): KvError {
  return new KvError(
    "storage_format",
    `The data in ${file} has format ${found}; this program reads formats up to ${FORMAT}.`,
    { hint: "Use the version of Kvasir that wrote it, or a newer one." },
  );
}
