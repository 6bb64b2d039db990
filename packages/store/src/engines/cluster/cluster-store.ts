import { KvError } from "@kvasir/client/namespace";
import { deleteRange } from "../../store/delete-range.js";
import type { Entries } from "../../store/entries.js";
import type { KeyRange } from "../../store/listing.js";
import type { Maintenance } from "../../store/maintenance.js";
import type { RecordTable } from "../../store/records.js";
import type { Store } from "../../store/store.js";
import { Buckets, bucketOf } from "./buckets.js";
import { Catalog } from "./catalog.js";
import { clusterChanges } from "./changes.js";
import { checkStore } from "./check.js";
import { partlyMadeError } from "./errors.js";
import { clusterNamespaces } from "./namespaces.js";
import { clusterReads } from "./reads.js";
import { clusterRecords } from "./records.js";
import { Session, type SessionOptions } from "./session.js";
import { stageValue } from "./staging.js";
import { Sweeper } from "./sweeper.js";
import { usageOf } from "./usage.js";
import { clusterWrites } from "./writes.js";

/** What a store gives besides what it supports, which is known before it is loaded. */
export interface LoadedStore extends Omit<Store, "supports"> {
  readonly maintenance: ClusterMaintenance;
}

export type ClusterMaintenance = Required<Pick<Maintenance, "sweep" | "check" | "usage" | "cluster">>;

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
    deleteRange: (id, range) => session.run(() => deleteRangeByPages({ ...reads, ...writes }, id, range)),
  };
  return {
    entries,
    namespaces: clusterNamespaces(session, catalog),
    changes: clusterChanges(session, catalog),
    records,
    maintenance: {
      sweep: () =>
        session.run(async () => {
          // A test's clock was moved: what is due is done now.
          await session.checkWhenDue();
          return await sweeper.sweep();
        }),
      check: () => session.run(() => checkStore(session, catalog)),
      usage: () => session.run(() => usageOf(session, catalog)),
      cluster: () => session.run(() => session.figures()),
    },
    health: () => session.health(),
    close: () => session.close(),
  };
}

/** A refusal after some pages must not say that nothing was changed. */
async function deleteRangeByPages(
  { list, writeMany }: Pick<Entries, "list" | "writeMany">,
  id: string,
  range: KeyRange,
): Promise<number> {
  let pages = 0;
  const counted: Entries["writeMany"] = async (...args) => {
    const outcomes = await writeMany(...args);
    pages++;
    return outcomes;
  };
  try {
    return await deleteRange({ list, writeMany: counted }, id, range);
  } catch (error) {
    throw pages > 0 && error instanceof KvError && error.code === "unavailable"
      ? partlyMadeError(error)
      : error;
  }
}
