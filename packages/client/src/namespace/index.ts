/**
 * The contract of a namespace: its types, errors, limits and options, and the one object that callers hold, over a
 * {@link NamespaceBackend}. For programs that implement or serve namespaces.
 */
export type * from "./admin.js";
export type {
  AtomicCheck,
  AtomicMutation,
  BulkQuery,
  BulkStored,
  ListedPage,
  ListQuery,
  MaybePromise,
  NamespaceBackend,
  PutQuery,
  StoredEntry,
} from "./backend.js";
export { byteChunks } from "./byte-chunks.js";
export type * from "./data-admin.js";
export { isKvErrorCode, KvError, type KvErrorCode, type KvErrorOptions, statusOf } from "./errors.js";
export { checkIncrement } from "./increment.js";
export { checkKey, checkKeyText, isWellFormed } from "./keys.js";
export type * from "./kv-namespace.js";
export * from "./limits.js";
export { kvNamespace, namespaceMethods } from "./namespace-object.js";
export {
  COUNT_OPTIONS,
  DELETE_PREFIX_OPTIONS,
  INCREMENT_OPTIONS,
  LIST_OPTIONS,
  type OptionKind,
  type Parsed,
  PUT_OPTIONS,
  TOUCH_OPTIONS,
  WORKERS_LIST_OPTIONS,
} from "./options.js";
export { checkVersion } from "./version.js";
