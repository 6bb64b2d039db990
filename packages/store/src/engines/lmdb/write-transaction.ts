import type { Change } from "../../store/changes.js";
import { notFoundError } from "../../store/errors.js";
import { CATALOG_CHANGES, ChangeRecord } from "./change-log.js";
import { readMeta, writeMeta } from "./meta.js";
import { type NumberedNamespace, readNamespace } from "./namespace-table.js";
import type { Tables } from "./tables.js";

/** What the operations of one transaction share: its versions and the record of its changes. */
export class WriteTransaction {
  readonly tables: Tables;
  /** The namespaces that operations of this transaction have used. */
  readonly #namespaces = new Map<string, NumberedNamespace>();
  readonly #changes = new ChangeRecord();
  readonly #firstVersion: number;
  #version: number;

  constructor(tables: Tables) {
    this.tables = tables;
    this.#version = readMeta(tables.meta, "lastVersion");
    this.#firstVersion = this.#version;
  }

  /**
   * Reads the record inside the transaction, because another process may have removed the namespace just
   * before it began.
   *
   * @throws KvError `namespace_not_found`
   */
  namespace(id: string): NumberedNamespace {
    const known = this.#namespaces.get(id);
    if (known !== undefined) return known;
    const namespace = readNamespace(this.tables, id);
    if (namespace === null) throw notFoundError(id);
    this.#namespaces.set(id, namespace);
    return namespace;
  }

  /**
   * Unique in the whole store and across processes, because the last version is read and stored in the
   * transaction.
   */
  nextVersion(): number {
    return ++this.#version;
  }

  recordChange(type: Change["type"], namespace: number, key: string, version: number): void {
    this.#changes.add(type, namespace, key, version);
  }

  /** Ends the watches of a namespace, in every process. */
  recordNamespaceEnd(namespace: number): void {
    this.recordChange("delete", CATALOG_CHANGES, String(namespace), this.nextVersion());
  }

  /** Makes every process check its cached namespaces. */
  catalogChanged(): void {
    writeMeta(this.tables.meta, "catalogVersion", this.nextVersion());
    this.#namespaces.clear();
  }

  /** Writes what was collected. Called once, at the end. */
  finish(): void {
    if (this.#version === this.#firstVersion) return;
    this.#changes.store(this.tables, this.#version);
    writeMeta(this.tables.meta, "lastVersion", this.#version);
  }
}
