export {
  type KVNamespace,
  KvError,
  type KvErrorCode,
  type MaybePromise,
  statusOf,
} from "@kvasir/client/namespace";
export { Database } from "./database.js";
export { directoryOf } from "./engines/places.js";
export { checkDataDirectory, DATA_FILE } from "./engines/registry.js";
export { type OpenOptions, open } from "./open.js";
export { type BulkType, bulkType } from "./rules/bulk-read.js";
export {
  Catalog,
  type CreateNamespaceOptions,
  type ListNamespacesOptions,
} from "./rules/catalog.js";
export { bytesOf, decodeText } from "./rules/entry-value.js";
export * from "./rules/limits.js";
export type { NamespaceListEntry, NamespaceListPage } from "./rules/list-page.js";
export {
  type AtomicMutation,
  type BulkWrite,
  Namespace,
  type NamespaceListOptions,
  type NamespaceOptions,
  type NamespaceRules,
  type ReadOptions,
  WORKERS_RULES,
  type WriteCondition,
  type WriteOptions,
} from "./rules/namespace.js";
export type { ValueSource } from "./rules/value-source.js";
export type * from "./store/changes.js";
export { type CheckProblem, type CheckReport, unreadableReport } from "./store/check-report.js";
export { type Clock, type ClockListener, FakeClock, systemClock } from "./store/clock.js";
export type * from "./store/entries.js";
export type * from "./store/entry.js";
export * from "./store/limits.js";
export type * from "./store/listing.js";
export { shownLocator } from "./store/locator.js";
export type * from "./store/maintenance.js";
export type * from "./store/namespaces.js";
export type * from "./store/records.js";
export type * from "./store/store.js";
export type * from "./store/supports.js";
export type * from "./store/write.js";
export type * from "./transfer/entry-sink.js";
export type * from "./transfer/entry-source.js";
export type * from "./transfer/portable-entry.js";
