export { isKvErrorCode, KvError, type KvErrorCode, type KvErrorOptions, statusOf } from "./errors.js";
export { kvNamespace } from "./kv.js";
export type * from "./kv-namespace.js";
export * from "./limits.js";
export type {
  AtomicCheck,
  AtomicMutation,
  BulkQuery,
  BulkStored,
  Expiring,
  ListAnswer,
  ListQuery,
  MaybePromise,
  PutQuery,
  StoredEntry,
  Transport,
  WriteAnswer,
} from "./transport.js";
