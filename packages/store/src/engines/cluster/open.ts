import type { KvError } from "@kvasir/client/namespace";
import type { Changes } from "../../store/changes.js";
import type { Clock } from "../../store/clock.js";
import type { Entries } from "../../store/entries.js";
import type { Namespaces } from "../../store/namespaces.js";
import type { RecordTable } from "../../store/records.js";
import type { Store } from "../../store/store.js";
import type { StoreSupport } from "../../store/supports.js";
import type { ClusterMaintenance, LoadedStore } from "./cluster-store.js";
import { type ClusterLocator, parseClusterLocator } from "./locator.js";
import { parsePosition } from "./positions.js";

export interface ClusterStoreOptions {
  readonly clock: Clock;
  /** Called with what is wrong with the cluster, once until it is right again. */
  readonly onProblem?: ((error: KvError) => void) | undefined;
}

/**
 * A store in a Valkey or Redis Cluster. `rest` is a locator without its scheme. Neither the client nor most of
 * the engine is loaded before the first operation, so that other engines do not pay for them.
 *
 * @throws KvError `bad_request` for a locator that is malformed
 */
export function openClusterStore(
  rest: string,
  { clock, onProblem = () => {} }: ClusterStoreOptions,
  { tls }: { readonly tls: boolean },
): Store {
  const locator = parseClusterLocator(rest, { tls });
  let loaded: LoadedStore | undefined;
  let loading: Promise<LoadedStore> | undefined;
  const load = () => {
    loading ??= import("./cluster-store.js").then(({ clusterStore }) => {
      loaded = clusterStore({ locator, clock, onProblem });
      return loaded;
    });
    return loading;
  };
  /** Calls a method at once, or as soon as it is loaded: in the order of the calls. */
  const call = <T>(method: (store: LoadedStore) => T | Promise<T>): Promise<T> =>
    loaded === undefined ? load().then(method) : Promise.resolve(method(loaded));

  return {
    supports: supportsOf(locator),
    entries: deferredEntries(call),
    namespaces: deferredNamespaces(call),
    changes: deferredChanges(call),
    records: (table) => deferredRecords(call, table),
    maintenance: deferredMaintenance(call),
    health: () => call(({ health }) => health()),
    close: () => call(({ close }) => close()),
  };
}

/** A namespace of one bucket takes any keys in one commit. */
function supportsOf({ buckets }: ClusterLocator): StoreSupport {
  return { atomicAcrossKeys: buckets === 1, durable: true, multiProcess: true, strong: true };
}

type Call = <T>(method: (store: LoadedStore) => T | Promise<T>) => Promise<T>;

function deferredEntries(call: Call): Entries {
  return {
    get: (...args) => call(({ entries }) => entries.get(...args)),
    getMany: (...args) => call(({ entries }) => entries.getMany(...args)),
    list: (...args) => call(({ entries }) => entries.list(...args)),
    count: (...args) => call(({ entries }) => entries.count(...args)),
    stage: (...args) => call(({ entries }) => entries.stage(...args)),
    put: (...args) => call(({ entries }) => entries.put(...args)),
    delete: (...args) => call(({ entries }) => entries.delete(...args)),
    increment: (...args) => call(({ entries }) => entries.increment(...args)),
    touch: (...args) => call(({ entries }) => entries.touch(...args)),
    commit: (...args) => call(({ entries }) => entries.commit(...args)),
    writeMany: (...args) => call(({ entries }) => entries.writeMany(...args)),
    deleteRange: (...args) => call(({ entries }) => entries.deleteRange(...args)),
  };
}

function deferredNamespaces(call: Call): Namespaces {
  return {
    create: (namespace) => call(({ namespaces }) => namespaces.create(namespace)),
    get: (id) => call(({ namespaces }) => namespaces.get(id)),
    find: (title) => call(({ namespaces }) => namespaces.find(title)),
    list: (query) => call(({ namespaces }) => namespaces.list(query)),
    rename: (id, title) => call(({ namespaces }) => namespaces.rename(id, title)),
    delete: (id) => call(({ namespaces }) => namespaces.delete(id)),
  };
}

function deferredChanges(call: Call): Changes {
  return {
    position: (namespace) => call(({ changes }) => changes.position(namespace)),
    watch(query) {
      if (query.since !== undefined) parsePosition(query.since);
      const watching = call(({ changes }) => changes.watch(query));
      watching.catch(() => {});
      return {
        async *[Symbol.asyncIterator]() {
          yield* await watching;
        },
      };
    },
  };
}

function deferredMaintenance(call: Call): ClusterMaintenance {
  return {
    sweep: () => call(({ maintenance }) => maintenance.sweep()),
    check: () => call(({ maintenance }) => maintenance.check()),
    usage: () => call(({ maintenance }) => maintenance.usage()),
    cluster: () => call(({ maintenance }) => maintenance.cluster()),
  };
}

function deferredRecords(call: Call, table: string): RecordTable {
  return {
    get: (name) => call(({ records }) => records(table).get(name)),
    put: (name, record) => call(({ records }) => records(table).put(name, record)),
    delete: (name) => call(({ records }) => records(table).delete(name)),
    list: () => call(({ records }) => records(table).list()),
  };
}
