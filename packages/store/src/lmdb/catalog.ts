import { KvError } from "@kvasir/client";
import type { NamespaceRecord } from "../store.js";
import { CATALOG_FRESH_MS } from "./limits.js";
import { readMeta } from "./meta.js";
import { damagedRowError, payloadOf } from "./rows.js";
import type { Snapshots } from "./snapshot.js";
import { exactly, type Tables } from "./tables.js";

/** A namespace and the number that its entries begin with. */
export interface NumberedNamespace extends NamespaceRecord {
  readonly number: number;
}

/**
 * The namespaces, held in memory: a read finds its namespace's number without a second look into the tables.
 * Changes by this process count at once, those by others within {@link CATALOG_FRESH_MS}.
 */
export class Catalog {
  readonly #tables: Tables;
  readonly #snapshots: Snapshots;
  readonly #byId = new Map<string, NumberedNamespace>();
  /** Ids whose records are damaged on disk; the other namespaces go on. */
  readonly #damaged = new Set<string>();
  /** The version of what is held; -1: nothing. */
  #version = -1;
  #checkedMs = Number.NEGATIVE_INFINITY;
  /** The one in which was last looked whether it is time to check. */
  #snapshot = -1;

  constructor(tables: Tables, snapshots: Snapshots) {
    this.#tables = tables;
    this.#snapshots = snapshots;
  }

  /** @throws KvError `namespace_not_found`, `storage_corrupt` */
  numberOf(id: string): number {
    const namespace = this.get(id);
    if (namespace === null) throw notFoundError(id);
    return namespace.number;
  }

  /** @throws KvError `namespace_not_found` */
  require(id: string): NumberedNamespace {
    const namespace = this.get(id);
    if (namespace === null) throw notFoundError(id);
    return namespace;
  }

  get(id: string): NumberedNamespace | null {
    // Within one snapshot nothing can have changed, so the time is not even looked at.
    const snapshot = this.#snapshots.renew();
    if (snapshot !== this.#snapshot) this.#checkWhenDue(snapshot);
    const namespace = this.#byId.get(id);
    if (namespace !== undefined) return namespace;
    // Another process may have made it just now.
    this.refresh();
    if (this.#damaged.has(id)) throw damagedRecordError(id);
    return this.#byId.get(id) ?? null;
  }

  find(title: string): NumberedNamespace | null {
    for (const namespace of this.all()) if (namespace.title === title) return namespace;
    return null;
  }

  all(): IterableIterator<NumberedNamespace> {
    this.#snapshots.renew();
    this.refresh();
    // One of these may have the title that somebody looks for.
    for (const id of this.#damaged) throw damagedRecordError(id);
    return this.#byId.values();
  }

  /** Reads the namespaces again when they have changed. */
  refresh(): void {
    this.#checkedMs = performance.now();
    const version = readMeta(this.#tables.meta, "catalogVersion");
    if (version === this.#version) return;
    this.#byId.clear();
    this.#damaged.clear();
    for (const { key, value } of this.#tables.namespaces.getRange({})) {
      const id = exactly(key).toString();
      const record = payloadOf(key, value);
      if (record === null) this.#damaged.add(id);
      else this.#byId.set(id, JSON.parse(record.toString()) as NumberedNamespace);
    }
    this.#version = version;
  }

  /** What is held may never come to be: read everything again. */
  forget(): void {
    this.#version = -1;
    this.recheck();
  }

  /** The next look asks whether the namespaces have changed. */
  recheck(): void {
    this.#checkedMs = Number.NEGATIVE_INFINITY;
    this.#snapshot = -1;
  }

  #checkWhenDue(snapshot: number): void {
    this.#snapshot = snapshot;
    if (performance.now() - this.#checkedMs >= CATALOG_FRESH_MS) this.refresh();
  }
}

function damagedRecordError(id: string): KvError {
  return damagedRowError(`The record of namespace ${JSON.stringify(id)}`);
}

export function notFoundError(id: string): KvError {
  return new KvError("namespace_not_found", `There is no namespace ${id}.`, {
    hint: "List the namespaces to see which ids there are, or create it.",
  });
}
