import { numberKey } from "./keys.js";
import { readU56 } from "./numbers.js";
import { putRow, readRow } from "./rows.js";
import { nameKey, type Table } from "./tables.js";

/** The numbers that the `meta` table keeps. */
const FIELDS = {
  /** The format of the data directory; see `format.ts`. */
  format: nameKey("format"),
  /** The last version that was handed out. */
  lastVersion: nameKey("last-version"),
  /** The version of the last change of the namespaces. */
  catalogVersion: nameKey("catalog-version"),
  /**
   * The last namespace number that was handed out. A number is never used twice, so that the remains of a
   * deleted namespace stay unreachable.
   */
  lastNamespace: nameKey("last-namespace"),
  /** Changes up to this version have been dropped. */
  changesDropped: nameKey("changes-dropped"),
  /**
   * The number of damaged entries that were overwritten or deleted. Their rows in the expiry index may be
   * left over.
   */
  damagedReplaced: nameKey("damaged-replaced"),
} as const;

export type MetaField = keyof typeof FIELDS;

/** @throws KvError `storage_corrupt` */
export function readMeta(meta: Table, field: MetaField): number {
  const bytes = readRow(meta, FIELDS[field], `The number "${FIELDS[field]}" of the data directory`);
  return bytes === undefined ? 0 : readU56(bytes, 0);
}

/** Inside a write transaction: records that `count` damaged entries are no longer there. */
export function noteDamagedReplaced(meta: Table, count: number): void {
  writeMeta(meta, "damagedReplaced", readMeta(meta, "damagedReplaced") + count);
}

/** Inside a write transaction. */
export function writeMeta(meta: Table, field: MetaField, value: number): void {
  putRow(meta, FIELDS[field], numberKey(value));
}
