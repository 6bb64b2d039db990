import { numberKey } from "./keys.js";
import { readU56 } from "./numbers.js";
import { nameKey, type Table } from "./tables.js";

/** The numbers that the `meta` table keeps. */
const FIELDS = {
  /** Of the data directory; see `format.ts`. */
  format: nameKey("format"),
  /** Handed out last. */
  lastVersion: nameKey("last-version"),
  /** Of the last change of the namespaces. */
  catalogVersion: nameKey("catalog-version"),
  /** Given out last; never used twice, so that what a deleted namespace left behind stays unreachable. */
  lastNamespace: nameKey("last-namespace"),
  /** Changes up to this version are forgotten. */
  changesDropped: nameKey("changes-dropped"),
} as const;

export type MetaField = keyof typeof FIELDS;

export function readMeta(meta: Table, field: MetaField): number {
  const bytes = meta.getBinaryFast(FIELDS[field]);
  return bytes === undefined ? 0 : readU56(bytes, 0);
}

/** Inside a write transaction. */
export function writeMeta(meta: Table, field: MetaField, value: number): void {
  meta.putSync(FIELDS[field], numberKey(value));
}
