export { type KVNamespace, KvError, type KvErrorCode, statusOf } from "@kvasir/client";
export { type BulkEntry, type BulkType, bulkType } from "./bulk-read.js";
export { Catalog, type CreateNamespaceOptions, type ListNamespacesOptions } from "./catalog.js";
export { type Clock, type ClockListener, FakeClock, systemClock } from "./clock.js";
export { Database } from "./database.js";
export { bytesOf, decodeText } from "./entry-value.js";
export * from "./limits.js";
export type { NamespaceListEntry, NamespaceListPage } from "./list-page.js";
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
} from "./namespace.js";
export {
  type CheckProblem,
  type CheckReport,
  checkDataDirectory,
  DATA_FILE,
  type OpenOptions,
  open,
  unreadableReport,
} from "./open.js";
export type * from "./store.js";
export type { ValueSource } from "./value-source.js";
