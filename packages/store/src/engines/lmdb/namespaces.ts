import type { NamespacePage, NamespaceQuery, NamespaceRecord, Namespaces } from "../../store/namespaces.js";
import { findNamespace, pageOfNamespaces } from "./namespace-table.js";
import { createNamespace, deleteNamespace, recordOf, renameNamespace } from "./namespace-writes.js";
import type { Session } from "./session.js";

/** Reads are synchronous here. */
export interface LmdbNamespaces extends Namespaces {
  get(id: string): NamespaceRecord | null;
  find(title: string): NamespaceRecord | null;
  list(query?: NamespaceQuery): NamespacePage;
}

export function lmdbNamespaces(session: Session): LmdbNamespaces {
  const { catalog, tables } = session.environment;
  return {
    create: (namespace) =>
      session.write((transaction) => createNamespace(transaction, namespace, session.nowMs())),

    get(id) {
      session.assertOpen();
      const namespace = catalog.get(id);
      return namespace === null ? null : recordOf(namespace);
    },

    find(title) {
      session.beginRead();
      const namespace = findNamespace(tables, title);
      return namespace === null ? null : recordOf(namespace);
    },

    list(query = {}) {
      session.beginRead();
      const { namespaces, total } = pageOfNamespaces(tables, query);
      return { namespaces: namespaces.map(recordOf), total };
    },

    rename: (id, title) =>
      session.write((transaction) => renameNamespace(transaction, { id, title }, session.nowMs())),

    delete: (id) => session.write((transaction) => deleteNamespace(transaction, id, session.nowMs())),
  };
}
