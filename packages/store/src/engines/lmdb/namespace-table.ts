import type { NamespacePage, NamespaceQuery, NamespaceRecord } from "../../store/namespaces.js";
import { assertAbsent } from "./gaps.js";
import { damagedRowError, payloadOf, putRow, readRow } from "./rows.js";
import { exactly, nameKey, rowsOf, type Table, type Tables } from "./tables.js";

/** A namespace and the number that its entries' keys begin with. */
export interface NumberedNamespace extends NamespaceRecord {
  readonly number: number;
}

/**
 * The namespaces on disk: records by id, and an index of titles. Finding, adding, renaming or removing one
 * takes a few lookups, however many there are.
 */

/**
 * @throws KvError `storage_corrupt` if the record is damaged, or if a damaged record may have been this one
 */
export function readNamespace(tables: Tables, id: string): NumberedNamespace | null {
  const record = lookUp(tables.namespaces, id, nameOfRecord);
  return record === null ? null : parseRecord(record);
}

/**
 * @throws KvError `storage_corrupt` if the record or its index row is damaged, or if a damaged row may have
 * been this one
 */
export function findNamespace(tables: Tables, title: string): NumberedNamespace | null {
  const id = lookUp(tables.titles, title, nameOfTitle);
  return id === null ? null : readNamespace(tables, id.toString());
}

/** Inside a transaction: writes the record. Updates the index if `previous` had another title. */
export function storeNamespace(
  tables: Tables,
  namespace: NumberedNamespace,
  previous?: NumberedNamespace,
): void {
  if (previous !== undefined) tables.titles.removeSync(nameKey(previous.title));
  putTitle(tables, namespace);
  putRow(tables.namespaces, nameKey(namespace.id), Buffer.from(JSON.stringify(namespace)));
}

/** Inside a transaction. */
export function removeNamespace(tables: Tables, { id, title }: NumberedNamespace): void {
  tables.namespaces.removeSync(nameKey(id));
  tables.titles.removeSync(nameKey(title));
}

/**
 * Skipped namespaces are only counted, so the cost of a page is close to that of the records it returns.
 *
 * @throws KvError `storage_corrupt` if a record on the page is damaged
 */
export function pageOfNamespaces(tables: Tables, query: NamespaceQuery): NamespacePage<NumberedNamespace> {
  const { order = "id", direction = "asc", offset = 0, limit } = query;
  const range = { reverse: direction === "desc", offset, ...(limit !== undefined && { limit }) };
  const namespaces =
    order === "id"
      ? Array.from(tables.namespaces.getRange(range), (row) => parseRecord(payloadIn(row, nameOfRecord)))
      : // Collects all ids first, because reading a record overwrites the buffer that holds an id.
        Array.from(tables.titles.getRange(range), (row) => payloadIn(row, nameOfTitle).toString())
          .map((id) => readNamespace(tables, id))
          .filter((namespace) => namespace !== null);
  return { namespaces, total: rowsOf(tables.namespaces) };
}

/** All of them, without those whose records are damaged. */
export function intactNamespaces(tables: Tables): readonly NumberedNamespace[] {
  return Array.from(tables.namespaces.getRange({}), ({ key, value }) => {
    const payload = payloadOf(key, value);
    return payload === null ? null : parseRecord(payload);
  }).filter((namespace) => namespace !== null);
}

/** Inside a transaction: adds the title of a namespace to the index, for a format that had no index. */
export function indexTitle(tables: Tables, record: Buffer): void {
  putTitle(tables, parseRecord(record));
}

/** Names a record in messages. */
export function nameOfRecord(id: string): string {
  return `The record of namespace ${JSON.stringify(id)}`;
}

/** Names an index row in messages. */
export function nameOfTitle(title: string): string {
  return `The title ${JSON.stringify(title)} in the index of namespaces`;
}

function putTitle(tables: Tables, { id, title }: NamespaceRecord): void {
  putRow(tables.titles, nameKey(title), nameKey(id));
}

function lookUp(table: Table, name: string, nameOf: (name: string) => string): Buffer | null {
  const key = nameKey(name);
  const payload = readRow(table, key, nameOf(name));
  if (payload !== undefined) return payload;
  assertAbsent(table, key, () => damagedRowError(`${nameOf(name)}, or a row beside its place,`));
  return null;
}

interface Row {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

function payloadIn({ key, value }: Row, nameOf: (name: string) => string): Buffer {
  const payload = payloadOf(key, value);
  if (payload === null) throw damagedRowError(nameOf(exactly(key).toString()));
  return payload;
}

/** `record` is the payload of an intact row. */
export function parseRecord(record: Buffer): NumberedNamespace {
  return JSON.parse(record.toString()) as NumberedNamespace;
}
