import { numberKey, successorOf } from "./keys.js";
import { MIGRATION_SLICE_BYTES, MIGRATION_SLICE_ROWS } from "./limits.js";
import { indexTitle } from "./namespace-table.js";
import { U56_BYTES } from "./numbers.js";
import { putRow, readRow } from "./rows.js";
import { exactly, nameKey, type Table, type Tables } from "./tables.js";

/**
 * Migrates format 1 to 2: every row gets a checksum, and each namespace's title gets a row in the index of
 * titles. The migration works in slices. Each slice is a transaction that also records the progress. A
 * process that is killed leaves no half-done slice, and several processes that open the directory at once
 * take turns.
 */
const ORDER = ["entryRows", "blobs", "expiry", "changes", "namespaces", "records", "reclaim"] as const;

const FORMAT_KEY = nameKey("format");
/**
 * The index of a table in `ORDER`, and the last key in it that has its checksum. Exists until all rows have
 * checksums.
 */
const PROGRESS_KEY = nameKey("checksums-until");

/** Whether the data is in format 1, whose numbers have no checksums. */
export function isWithoutChecksums({ meta }: Pick<Tables, "meta">): boolean {
  return meta.getBinaryFast(FORMAT_KEY)?.length === U56_BYTES;
}

/** Whether some rows have no checksum yet. */
export function isSealing({ meta }: Pick<Tables, "meta">): boolean {
  return meta.getBinaryFast(PROGRESS_KEY) !== undefined;
}

/** Inside a transaction. From then on a program that knows only format 1 refuses the directory. */
export function beginSealing({ meta }: Tables): void {
  const rows = Array.from(meta.getRange({}), ({ key, value }) => [Buffer.from(key), copyOf(value)] as const);
  for (const [key, value] of rows) putRow(meta, key, value);
  putRow(meta, FORMAT_KEY, numberKey(2));
  putRow(meta, PROGRESS_KEY, Buffer.of(0));
}

/** Inside a transaction: adds checksums to the next rows. Returns whether all rows now have one. */
export function sealNextRows(tables: Tables): boolean {
  const progress = readRow(tables.meta, PROGRESS_KEY, "The progress of the migration");
  if (progress === undefined) return true;
  const index = progress[0] as number;
  const name = ORDER[index];
  if (name === undefined) {
    tables.meta.removeSync(PROGRESS_KEY);
    return true;
  }
  const rows = nextRows(tables[name], Buffer.from(progress.subarray(1)));
  for (const { key, value } of rows) putRow(tables[name], key, value);
  if (name === "namespaces") for (const { value } of rows) indexTitle(tables, value);
  const last = rows.at(-1)?.key ?? null;
  const next = last === null ? Buffer.of(index + 1) : Buffer.concat([Buffer.of(index), last]);
  putRow(tables.meta, PROGRESS_KEY, next);
  return false;
}

interface Row {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Copies of the rows of the next slice. Empty if there are no rows after `after`. */
function nextRows(table: Table, after: Buffer): readonly Row[] {
  const rows: Row[] = [];
  let bytes = 0;
  for (const { key, value } of table.getRange({ start: successorOf(after), limit: MIGRATION_SLICE_ROWS })) {
    rows.push({ key: Buffer.from(key), value: copyOf(value) });
    bytes += value.length;
    if (bytes >= MIGRATION_SLICE_BYTES) break;
  }
  return rows;
}

function copyOf(value: Uint8Array): Buffer {
  return Buffer.from(exactly(value));
}
