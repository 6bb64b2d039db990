import { monotonicMs } from "../../store/timers.js";
import { CATALOG_CACHED_MAX, CATALOG_FRESH_MS } from "./limits.js";
import { readMeta } from "./meta.js";
import { type NumberedNamespace, notFoundError, readNamespace } from "./namespace-table.js";
import type { Snapshots } from "./snapshot.js";
import type { Tables } from "./tables.js";

/**
 * The namespaces that reads have asked for, held in memory: a read finds its namespace's number without a second look
 * into the tables. Changes by this process count at once, those by others within {@link CATALOG_FRESH_MS}.
 */
export class Catalog {
  readonly #tables: Tables;
  readonly #snapshots: Snapshots;
  readonly #cached = new Map<string, NumberedNamespace>();
  /** Of the namespaces when they were last checked; what is held is as new, or newer. */
  #version = 0;
  #checkedMs = Number.NEGATIVE_INFINITY;
  /** The snapshot in which it was last decided whether to check. */
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

  get(id: string): NumberedNamespace | null {
    // Within one snapshot nothing can have changed, so the time is not even looked at.
    const snapshot = this.#snapshots.renew();
    if (snapshot !== this.#snapshot) this.#checkWhenDue(snapshot);
    const cached = this.#cached.get(id);
    if (cached !== undefined) return cached;
    const namespace = readNamespace(this.#tables, id);
    if (namespace === null) return null;
    if (this.#cached.size >= CATALOG_CACHED_MAX) this.#cached.clear();
    this.#cached.set(id, namespace);
    return namespace;
  }

  /** The next look asks whether the namespaces have changed. */
  recheck(): void {
    this.#checkedMs = Number.NEGATIVE_INFINITY;
    this.#snapshot = -1;
  }

  #checkWhenDue(snapshot: number): void {
    this.#snapshot = snapshot;
    if (monotonicMs() - this.#checkedMs >= CATALOG_FRESH_MS) this.#check();
  }

  #check(): void {
    this.#checkedMs = monotonicMs();
    const version = readMeta(this.#tables.meta, "catalogVersion");
    if (version !== this.#version) this.#cached.clear();
    this.#version = version;
  }
}
