import type { CheckLog } from "./check-log.js";
import { report, walkRows } from "./check-rows.js";
import { nameOfRecord, nameOfTitle, parseRecord } from "./namespace-table.js";
import { payloadOf } from "./rows.js";
import { nameKey, type Table, type Tables } from "./tables.js";

/**
 * Compares the records of namespaces with the index of titles. Returns the ids of the namespaces by number.
 */
export function checkNamespaces(tables: Tables, log: CheckLog): ReadonlyMap<number, string> {
  const ids = new Map<number, string>();
  const records = walkRows(tables, "namespaces", log, nameOfRecordRow);
  for (const { key, payload } of records) {
    const { id, title, number } = parseRecord(payload);
    ids.set(number, id);
    // Damaged rows of the index are reported with the index below.
    const indexed = intactRow(tables.titles, title);
    if (indexed === undefined || (indexed !== null && indexed.toString() !== id)) {
      report(log, nameOfRecordRow(key), `is not found by its title ${JSON.stringify(title)}`);
    }
  }
  const titles = walkRows(tables, "titles", log, (key) => ({ subject: nameOfTitle(key.toString()) }));
  for (const { key, payload } of titles) {
    const title = key.toString();
    const id = payload.toString();
    const record = intactRow(tables.namespaces, id);
    // A damaged record has already been reported.
    if (record === null || (record !== undefined && parseRecord(record).title === title)) continue;
    report(log, { subject: nameOfTitle(title), namespace: id }, "leads to no namespace that has it");
  }
  return ids;
}

function nameOfRecordRow(key: Buffer) {
  return { subject: nameOfRecord(key.toString()), namespace: key.toString() };
}

/** Returns `null` for a damaged row and `undefined` if there is no row. */
function intactRow(table: Table, name: string): Buffer | null | undefined {
  const key = nameKey(name);
  const row = table.getBinaryFast(key);
  return row === undefined ? undefined : payloadOf(key, row);
}
