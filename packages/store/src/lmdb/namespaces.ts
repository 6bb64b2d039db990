import { KvError } from "@kvasir/client";
import type { NamespaceRecord, NewNamespace } from "../store.js";
import type { NumberedNamespace } from "./catalog.js";
import { readMeta, writeMeta } from "./meta.js";
import { reclaimAt } from "./reclaim.js";
import { putRow } from "./rows.js";
import { nameKey } from "./tables.js";
import type { WriteTransaction } from "./write-transaction.js";

/** Creating, renaming and deleting namespaces, inside a transaction. */

export function createNamespace(
  transaction: WriteTransaction,
  { id, title, attributes = {} }: NewNamespace,
  nowMs: number,
): NamespaceRecord {
  const { catalog, tables } = transaction;
  if (catalog.get(id) !== null) throw existsError(`A namespace with the id ${id} already exists.`);
  assertTitleFree(transaction, title, null);
  const number = readMeta(tables.meta, "lastNamespace") + 1;
  writeMeta(tables.meta, "lastNamespace", number);
  return store(transaction, { id, title, createdMs: nowMs, modifiedMs: nowMs, attributes, number });
}

export function renameNamespace(
  transaction: WriteTransaction,
  { id, title }: { readonly id: string; readonly title: string },
  nowMs: number,
): NamespaceRecord {
  const namespace = transaction.catalog.require(id);
  assertTitleFree(transaction, title, id);
  return store(transaction, { ...namespace, title, modifiedMs: nowMs });
}

/** The entries stay where they are, out of reach, until the sweeper has removed them. */
export function deleteNamespace(transaction: WriteTransaction, id: string, nowMs: number): void {
  const { number } = transaction.catalog.require(id);
  transaction.tables.namespaces.removeSync(nameKey(id));
  reclaimAt(transaction.tables, nowMs, "namespace", number);
  transaction.catalogChanged();
}

/** What the outside sees of a namespace. */
export function recordOf(namespace: NumberedNamespace): NamespaceRecord {
  const { number: _, ...record } = namespace;
  return record;
}

function store(transaction: WriteTransaction, namespace: NumberedNamespace): NamespaceRecord {
  putRow(transaction.tables.namespaces, nameKey(namespace.id), Buffer.from(JSON.stringify(namespace)));
  transaction.catalogChanged();
  return recordOf(namespace);
}

function assertTitleFree({ catalog }: WriteTransaction, title: string, exceptId: string | null): void {
  const holder = catalog.find(title);
  if (holder === null || holder.id === exceptId) return;
  throw existsError(`A namespace with the title ${JSON.stringify(title)} already exists.`);
}

function existsError(message: string): KvError {
  return new KvError("namespace_exists", message, {
    hint: "Choose another one, or use the one that is there.",
  });
}
