import { notFoundError } from "../../store/errors.js";
import { monotonicMs } from "../../store/timers.js";
import { CATALOG_CACHED_MAX, CATALOG_FRESH_MS } from "./limits.js";
import { readMeta } from "./meta.js";
import { type NumberedNamespace, readNamespace } from "./namespace-table.js";
import type { Snapshots } from "./snapshot.js";
import type { Tables } from "./tables.js";

/**
 * A memory cache of the namespaces that reads use, so that a read finds its namespace's number without a
 * second lookup in the tables. Changes by this process show at once, changes by other processes within
 * {@link CATALOG_FRESH_MS}.
 */
export class Catalog {
  readonly #tables: Tables;
  readonly #snapshots: Snapshots;
  readonly #cached = new Map<string, NumberedNamespace>();
  /** The version of the namespaces at the last check. The cached records are at least as new. */
  #version = 0;
  #checkedMs = Number.NEGATIVE_INFINITY;
  /** The snapshot in which the cache last decided whether to check. */
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
    // Nothing can have changed within one snapshot, so the clock is not even read.
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

  /** Makes the next lookup check whether the namespaces have changed. */
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
