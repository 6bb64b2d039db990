import type { Change } from "../../store/changes.js";
import { CATALOG_CHANGES, ChangeRecord } from "./change-log.js";
import { readMeta, writeMeta } from "./meta.js";
import { type NumberedNamespace, notFoundError, readNamespace } from "./namespace-table.js";
import type { Tables } from "./tables.js";

/** What the operations of one transaction share: its versions, and the record of its changes. */
export class WriteTransaction {
  readonly tables: Tables;
  /** Those that operations of this transaction have asked for. */
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
   * Read inside the transaction: another process may have removed the namespace just before it began.
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

  /** Store-wide and never given out twice; also across processes, for it is read and kept in the transaction. */
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

  /** Tells every process that what it remembers of the namespaces may be wrong. */
  catalogChanged(): void {
    writeMeta(this.tables.meta, "catalogVersion", this.nextVersion());
    this.#namespaces.clear();
  }

  /** Writes what was collected. Called once, last. */
  finish(): void {
    if (this.#version === this.#firstVersion) return;
    this.#changes.store(this.tables, this.#version);
    writeMeta(this.tables.meta, "lastVersion", this.#version);
  }
}
