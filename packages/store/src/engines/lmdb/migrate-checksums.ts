import { numberKey, successorOf } from "./keys.js";
import { MIGRATION_SLICE_BYTES, MIGRATION_SLICE_ROWS } from "./limits.js";
import { indexTitle } from "./namespace-table.js";
import { U56_BYTES } from "./numbers.js";
import { putRow, readRow } from "./rows.js";
import { exactly, nameKey, type Table, type Tables } from "./tables.js";

/**
 * From format 1 to 2: every row gets a checksum, and each namespace's title a row in the index of titles. This goes in
 * slices, each a transaction that also notes how far it came: a process that is killed leaves no slice half done, and
 * several processes that open the directory at once take turns.
 */
const ORDER = ["entryRows", "blobs", "expiry", "changes", "namespaces", "records", "reclaim"] as const;

const FORMAT_KEY = nameKey("format");
/** Index of a table in `ORDER`, and the last key in it that has its checksum. There until all rows have one. */
const PROGRESS_KEY = nameKey("checksums-until");

/** Whether this is format 1, whose numbers have no checksums. */
export function isWithoutChecksums({ meta }: Pick<Tables, "meta">): boolean {
  return meta.getBinaryFast(FORMAT_KEY)?.length === U56_BYTES;
}

/** Whether some rows have no checksum yet. */
export function isSealing({ meta }: Tables): boolean {
  return meta.getBinaryFast(PROGRESS_KEY) !== undefined;
}

/** Inside a transaction. From now on a program that knows only format 1 refuses the directory. */
export function beginSealing({ meta }: Tables): void {
  const rows = Array.from(meta.getRange({}), ({ key, value }) => [Buffer.from(key), copyOf(value)] as const);
  for (const [key, value] of rows) putRow(meta, key, value);
  putRow(meta, FORMAT_KEY, numberKey(2));
  putRow(meta, PROGRESS_KEY, Buffer.of(0));
}

/** Inside a transaction: seals the next rows. Answers whether all have their checksum now. */
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

/** Copies of the rows of the next slice; none when there is nothing after `after`. */
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
