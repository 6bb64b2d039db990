import type { MaybePromise } from "@kvasir/client/namespace";
import type { Changes } from "./changes.js";
import type { Entries } from "./entries.js";
import type { Maintenance } from "./maintenance.js";
import type { Namespaces } from "./namespaces.js";
import type { RecordTable } from "./records.js";
import type { StoreSupport } from "./supports.js";

/**
 * What an engine implements. A Store keeps entries: it knows bytes, versions and time; it knows no HTTP, no
 * JSON and no vendor's rules. Every method throws or rejects with `KvError`.
 *
 * A Store and its parts are plain objects: their methods are their own properties and do not use `this`. A
 * layer in front of an engine is therefore a function from Store to Store that replaces what it changes:
 *
 * @example
 * const layered: Store = { ...store, entries: { ...store.entries, get: cachedGet } };
 */
export interface Store {
  readonly supports: StoreSupport;
  readonly entries: Entries;
  readonly namespaces: Namespaces;
  readonly changes: Changes;
  readonly maintenance: Maintenance;
  /** The table is created by its first record. */
  records(table: string): RecordTable;
  /**
   * @throws KvError why reads fail, or writes would be refused, as far as that can be told without a write
   */
  health(): MaybePromise<void>;
  /**
   * Finishes the writes in flight, then lets go of the data. Everything rejects with `unavailable`
   * afterwards.
   */
  close(): Promise<void>;
}
