export { byteChunks } from "./byte-chunks.js";
export { type ConnectOptions, connect } from "./connect.js";
export { isKvErrorCode, KvError, type KvErrorCode, type KvErrorOptions, statusOf } from "./errors.js";
export { HttpTransport } from "./http/http-transport.js";
export type { Fetch, RequesterOptions } from "./http/requester.js";
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
