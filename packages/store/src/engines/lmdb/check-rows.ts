import type { CheckProblem } from "../../store/check-report.js";
import type { CheckLog } from "./check-log.js";
import { payloadOf } from "./rows.js";
import { exactly, rowsOf, type Table, type TableName, type Tables } from "./tables.js";

/** An intact row. It holds copies, so that other reads may happen in between. */
export interface CheckedRow {
  readonly key: Buffer;
  /** Includes the checksum. */
  readonly row: Buffer;
  readonly payload: Buffer;
}

/** The subject of a problem's sentence, with the namespace and key that it concerns. */
export type RowName = Omit<CheckProblem, "message"> & { readonly subject: string };

/**
 * Yields the intact rows of a table. Reports damaged rows and a tree that does not match its rows: keys out
 * of order, keys that a lookup does not find, and more or fewer rows than the table's own count.
 */
export function* walkRows(
  tables: Tables,
  name: TableName,
  log: CheckLog,
  nameOf: (key: Buffer) => RowName,
): Generator<CheckedRow> {
  const table = tables[name] as Table;
  let found = 0;
  try {
    const expected = rowsOf(table);
    let previous: Buffer | null = null;
    for (const { key: keyBytes, value } of table.getRange({})) {
      // The pages of a damaged tree may form a loop.
      if (++found > expected) break;
      const key = Buffer.from(keyBytes);
      const row = Buffer.from(exactly(value));
      const payload = payloadOf(key, row);
      if (payload === null) report(log, nameOf(key), "is damaged on disk");
      else if (!isReachable(table, key, previous)) report(log, nameOf(key), "is not found by its key");
      previous = key;
      if (payload !== null) yield { key, row, payload };
    }
    if (found !== expected) log.add(`The table "${name}" has ${expected} rows, but ${found} were found.`);
  } catch (error) {
    log.add(`The table "${name}" cannot be read after row ${found}: ${(error as Error).message}.`);
  }
}

export function report(log: CheckLog, { subject, ...where }: RowName, what: string): void {
  log.add({ message: `${subject} ${what}.`, ...where });
}

function isReachable(table: Table, key: Buffer, previous: Buffer | null): boolean {
  return (previous === null || previous.compare(key) < 0) && table.getBinaryFast(key) !== undefined;
}
