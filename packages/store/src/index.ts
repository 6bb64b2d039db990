export { type KVNamespace, KvError, type KvErrorCode, statusOf } from "@kvasir/client/namespace";
export { Database } from "./database.js";
export {
  type CheckProblem,
  type CheckReport,
  checkDataDirectory,
  DATA_FILE,
  type OpenOptions,
  open,
  unreadableReport,
} from "./open.js";
export { type BulkType, bulkType } from "./rules/bulk-read.js";
export {
  Catalog,
  type CreateNamespaceOptions,
  type ListNamespacesOptions,
} from "./rules/catalog.js";
export { bytesOf, decodeText } from "./rules/entry-value.js";
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
export { type Clock, type ClockListener, FakeClock, systemClock } from "./store/clock.js";
export * from "./store/limits.js";
export type * from "./store/store.js";
