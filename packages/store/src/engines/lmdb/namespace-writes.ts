import { idTakenError, titleTakenError } from "../../store/errors.js";
import type { NamespaceRecord, NewNamespace } from "../../store/namespaces.js";
import { readMeta, writeMeta } from "./meta.js";
import {
  findNamespace,
  type NumberedNamespace,
  readNamespace,
  removeNamespace,
  storeNamespace,
} from "./namespace-table.js";
import { reclaimAt } from "./reclaim.js";
import type { WriteTransaction } from "./write-transaction.js";

/** Creates, renames and deletes namespaces. Every function runs inside a transaction. */

export function createNamespace(
  transaction: WriteTransaction,
  { id, title, attributes = {} }: NewNamespace,
  nowMs: number,
): NamespaceRecord {
  const { tables } = transaction;
  if (readNamespace(tables, id) !== null) throw idTakenError(id);
  assertTitleFree(transaction, title, null);
  const number = readMeta(tables.meta, "lastNamespace") + 1;
  writeMeta(tables.meta, "lastNamespace", number);
  const namespace = { id, title, createdMs: nowMs, modifiedMs: nowMs, attributes, number };
  storeNamespace(tables, namespace);
  transaction.catalogChanged();
  return recordOf(namespace);
}

export function renameNamespace(
  transaction: WriteTransaction,
  { id, title }: { readonly id: string; readonly title: string },
  nowMs: number,
): NamespaceRecord {
  const previous = transaction.namespace(id);
  assertTitleFree(transaction, title, id);
  const namespace = { ...previous, title, modifiedMs: nowMs };
  storeNamespace(transaction.tables, namespace, previous);
  transaction.catalogChanged();
  return recordOf(namespace);
}

/** The entries stay on disk, unreachable, until the sweeper removes them. */
export function deleteNamespace(transaction: WriteTransaction, id: string, nowMs: number): void {
  const namespace = transaction.namespace(id);
  removeNamespace(transaction.tables, namespace);
  reclaimAt(transaction.tables, nowMs, "namespace", namespace.number);
  transaction.recordNamespaceEnd(namespace.number);
  transaction.catalogChanged();
}

/** The public part of a namespace's record. */
export function recordOf(namespace: NumberedNamespace): NamespaceRecord {
  const { number: _, ...record } = namespace;
  return record;
}

function assertTitleFree({ tables }: WriteTransaction, title: string, exceptId: string | null): void {
  const holder = findNamespace(tables, title);
  if (holder === null || holder.id === exceptId) return;
  throw titleTakenError(title);
}
