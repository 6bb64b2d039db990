import type { Change } from "../store.js";
import type { Catalog } from "./catalog.js";
import { ChangeRecord } from "./change-log.js";
import { readMeta, writeMeta } from "./meta.js";
import type { Tables } from "./tables.js";

/** What the operations of one transaction share: its versions, and the record of its changes. */
export class WriteTransaction {
  readonly tables: Tables;
  readonly catalog: Catalog;
  readonly #changes = new ChangeRecord();
  readonly #firstVersion: number;
  #version: number;

  constructor(tables: Tables, catalog: Catalog) {
    this.tables = tables;
    this.catalog = catalog;
    this.#version = readMeta(tables.meta, "lastVersion");
    this.#firstVersion = this.#version;
    // Another process may have removed the namespace that an operation is about to write to.
    catalog.refresh();
  }

  /** Store-wide and never given out twice; also across processes, for it is read and kept in the transaction. */
  nextVersion(): number {
    return ++this.#version;
  }

  recordChange(type: Change["type"], namespace: number, key: string, version: number): void {
    this.#changes.add(type, namespace, key, version);
  }

  /** Tells every process to read the namespaces again. */
  catalogChanged(): void {
    writeMeta(this.tables.meta, "catalogVersion", this.nextVersion());
    this.catalog.forget();
  }

  /** Writes what was collected. Called once, last. */
  finish(): void {
    if (this.#version === this.#firstVersion) return;
    this.#changes.store(this.tables, this.#version);
    writeMeta(this.tables.meta, "lastVersion", this.#version);
  }
}
