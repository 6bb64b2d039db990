export {
  type KVNamespace,
  KvError,
  type KvErrorCode,
  type MaybePromise,
  statusOf,
} from "@kvasir/client/namespace";
export { type BackupKind, findBackup, kindOf } from "./backup/find-backup.js";
export { MANIFEST_FILE } from "./backup/limits.js";
export { type Manifest, readManifest } from "./backup/manifest.js";
export { type RestoreReport, restoreBackup } from "./backup/restore.js";
export {
  addToRing,
  openRing,
  type RingEntry,
  type RingOptions,
  ringEntries,
  ringFolders,
} from "./backup/ring.js";
export { type WriteBackupOptions, writeBackup } from "./backup/write-backup.js";
export { Database } from "./database.js";
export { checkBackup, checkDataDirectory, DATA_FILE } from "./engines/registry.js";
export { directoryOf, shownLocator } from "./locator.js";
export { type OpenOptions, open } from "./open.js";
export { decodeBase64 } from "./rules/base64.js";
export { type BulkType, bulkType } from "./rules/bulk-read.js";
export {
  Catalog,
  type CreateNamespaceOptions,
  type ListNamespacesOptions,
} from "./rules/catalog.js";
export { bytesOf, decodeText } from "./rules/entry-value.js";
export { type Expiry, expirationMsOf } from "./rules/expiry.js";
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
export type * from "./store/backup.js";
export type * from "./store/changes.js";
export { type CheckProblem, type CheckReport, unreadableReport } from "./store/check-report.js";
export { type Clock, type ClockListener, FakeClock, systemClock } from "./store/clock.js";
export type * from "./store/cluster-figures.js";
export type * from "./store/entries.js";
export type * from "./store/entry.js";
export * from "./store/limits.js";
export type * from "./store/listing.js";
export type * from "./store/maintenance.js";
export type * from "./store/namespaces.js";
export type * from "./store/records.js";
export type * from "./store/store.js";
export type * from "./store/supports.js";
export type * from "./store/upgrade.js";
export type * from "./store/write.js";
export { checkEntry } from "./transfer/check-entry.js";
export {
  type CopiedBatch,
  type CopyEntriesOptions,
  type CopyReport,
  type CopyTotals,
  copyEntries,
  NOTHING_COPIED,
} from "./transfer/copy-entries.js";
export { type ComparedParts, CopySample, entryHash, type SampledEntry } from "./transfer/copy-sample.js";
export { type EntryFormat, encodeEntry, encodeHeader } from "./transfer/encode-entry.js";
export { entryAt } from "./transfer/entry-at.js";
export type * from "./transfer/entry-sink.js";
export type * from "./transfer/entry-source.js";
export { ExpiryTally } from "./transfer/expiry-tally.js";
export { type EncodeEntriesOptions, encodeEntries } from "./transfer/export-entries.js";
export { type ImportItemsOptions, type ImportReport, importItems } from "./transfer/import-items.js";
export { countingSink, intoOne, intoTitles, type SinkFor } from "./transfer/import-targets.js";
export * from "./transfer/limits.js";
export { namespaceSink, type SinkOptions } from "./transfer/namespace-sink.js";
export { type NamespaceSourceOptions, namespaceSource } from "./transfer/namespace-source.js";
export type { NamespaceHeader } from "./transfer/parse-entry.js";
export type * from "./transfer/portable-entry.js";
export {
  type Place,
  type ReadItem,
  type ReadItemsOptions,
  type RefusedItem,
  readItems,
} from "./transfer/read-items.js";
export {
  type ExportOptions,
  exportNamespace,
  exportNamespaces,
  type ImportOptions,
  importEntries,
  type TransferPlace,
} from "./transfer/transfer.js";
