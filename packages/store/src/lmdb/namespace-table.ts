import { KvError } from "@kvasir/client";
import type { NamespacePage, NamespaceQuery, NamespaceRecord } from "../store.js";
import { exactly, nameKey, rowsOf, type Tables } from "./tables.js";

/** A namespace and the number that its entries begin with. */
export interface NumberedNamespace extends NamespaceRecord {
  readonly number: number;
}

/**
 * The namespaces on disk: records by id, and an index of titles. One is found, added, renamed or removed with a few
 * lookups, however many there are.
 */

export function readNamespace(tables: Tables, id: string): NumberedNamespace | null {
  const bytes = tables.namespaces.getBinaryFast(nameKey(id));
  return bytes === undefined ? null : parse(bytes);
}

export function findNamespace(tables: Tables, title: string): NumberedNamespace | null {
  const id = tables.titles.getBinaryFast(nameKey(title));
  return id === undefined ? null : readNamespace(tables, exactly(id).toString());
}

/** Inside a transaction: writes the record, and moves its title in the index if `previous` had another one. */
export function storeNamespace(
  tables: Tables,
  namespace: NumberedNamespace,
  previous?: NumberedNamespace,
): void {
  if (previous !== undefined) tables.titles.removeSync(nameKey(previous.title));
  tables.titles.putSync(nameKey(namespace.title), nameKey(namespace.id));
  tables.namespaces.putSync(nameKey(namespace.id), Buffer.from(JSON.stringify(namespace)));
}

/** Inside a transaction. */
export function removeNamespace(tables: Tables, { id, title }: NumberedNamespace): void {
  tables.namespaces.removeSync(nameKey(id));
  tables.titles.removeSync(nameKey(title));
}

/** Skipped namespaces are only counted, so a page costs little more than what it shows. */
export function pageOfNamespaces(tables: Tables, query: NamespaceQuery): NamespacePage<NumberedNamespace> {
  const { order = "id", direction = "asc", offset = 0, limit } = query;
  const range = { reverse: direction === "desc", offset, ...(limit !== undefined && { limit }) };
  const namespaces =
    order === "id"
      ? Array.from(tables.namespaces.getRange(range), ({ value }) => parse(value))
      : // All ids first: reading a record reuses the buffer that holds an id.
        Array.from(tables.titles.getRange(range), ({ value }) => exactly(value).toString())
          .map((id) => readNamespace(tables, id))
          .filter((namespace) => namespace !== null);
  return { namespaces, total: rowsOf(tables.namespaces) };
}

/** Inside a transaction: makes the index of titles, for a directory of a format that had none. */
export function indexTitles(tables: Tables): void {
  const { namespaces } = pageOfNamespaces(tables, {});
  for (const { id, title } of namespaces) tables.titles.putSync(nameKey(title), nameKey(id));
}

export function notFoundError(id: string): KvError {
  return new KvError("namespace_not_found", `There is no namespace ${id}.`, {
    hint: "List the namespaces to see which ids there are, or create it.",
  });
}

function parse(bytes: Uint8Array): NumberedNamespace {
  return JSON.parse(exactly(bytes).toString()) as NumberedNamespace;
}
