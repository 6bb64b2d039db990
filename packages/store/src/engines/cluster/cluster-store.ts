import { deleteRange } from "../../store/delete-range.js";
import type { Entries } from "../../store/entries.js";
import type { RecordTable } from "../../store/records.js";
import type { Store } from "../../store/store.js";
import { Buckets, bucketOf } from "./buckets.js";
import { Catalog } from "./catalog.js";
import { clusterChanges } from "./changes.js";
import { clusterNamespaces } from "./namespaces.js";
import { clusterReads } from "./reads.js";
import { clusterRecords } from "./records.js";
import { Session, type SessionOptions } from "./session.js";
import { stageValue } from "./staging.js";
import { Sweeper } from "./sweeper.js";
import { clusterWrites } from "./writes.js";

/** What a store gives besides what it supports, which is known before it is loaded. */
export type LoadedStore = Omit<Store, "supports">;

/** A store in a cluster. It connects with its first operation. */
export function clusterStore(options: SessionOptions): LoadedStore {
  const session = new Session(options);
  const catalog = new Catalog(session);
  const buckets = new Buckets(session, catalog);
  const sweeper = new Sweeper(session, catalog);
  sweeper.start();
  const reads = clusterReads(session, buckets);
  const writes = clusterWrites(session, buckets);
  const tables = new Map<string, RecordTable>();
  const records = (table: string): RecordTable => {
    const known = tables.get(table) ?? clusterRecords(session, table);
    tables.set(table, known);
    return known;
  };
  const entries: Entries = {
    ...reads,
    ...writes,
    stage: (id, key, parts, limits) =>
      buckets.within(id, (namespace) => stageValue(session, bucketOf(namespace, key), parts, limits)),
    deleteRange: (id, range) => session.run(() => deleteRange({ ...reads, ...writes }, id, range)),
  };
  return {
    entries,
    namespaces: clusterNamespaces(session, catalog),
    changes: clusterChanges(session, catalog),
    records,
    maintenance: { sweep: () => session.run(() => sweeper.sweep()) },
    health: () => session.health(),
    close: () => session.close(),
  };
}
