export { type ConnectOptions, connect } from "./connect.js";
export { connectAdmin } from "./http/admin.js";
export { HttpTransport } from "./http/http-backend.js";
export type { Fetch, HttpOptions, RequesterOptions } from "./http/requester.js";
export type { ServerOptions } from "./http/server.js";
export type * from "./namespace/admin.js";
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
} from "./namespace/backend.js";
export { byteChunks } from "./namespace/byte-chunks.js";
export {
  isKvErrorCode,
  KvError,
  type KvErrorCode,
  type KvErrorOptions,
  statusOf,
} from "./namespace/errors.js";
export type * from "./namespace/kv-namespace.js";
export * from "./namespace/limits.js";
export { kvNamespace } from "./namespace/namespace-object.js";
export { assertKVBinding, type KVBinding } from "./typed/binding.js";
export {
  BindingNotFoundError,
  ConfigError,
  InternalError,
  RateLimitError,
  ServiceUnavailableError,
  TimeoutError,
  ValidationError,
  type ValidationIssue,
} from "./typed/errors/failures.js";
export {
  KVError,
  KVNotFoundError,
  KVSerializationError,
  KVValidationError,
} from "./typed/errors/kv-errors.js";
export {
  type RetryStrategy,
  type SerializedError,
  WorkkitError,
  type WorkkitErrorCode,
  type WorkkitErrorOptions,
} from "./typed/errors/workkit-error.js";
export { type KVErrorContext, type KVOperation, wrapKVError } from "./typed/errors/wrap-error.js";
export { assertValidTtl, type KVExpiry } from "./typed/expiry.js";
export type { KVAtomic } from "./typed/extensions.js";
export { kv } from "./typed/kv.js";
export type { KVEntry, KVKeyEntry, KVListEntry, KVListOptions } from "./typed/list.js";
export type { KVOptions, KVOptionsWithoutSchema, KVOptionsWithSchema } from "./typed/options.js";
export { combinePrefixes, prefixKey, stripPrefix } from "./typed/prefix.js";
export type { GetOptions, KVGetWithMetadataResult } from "./typed/read.js";
export {
  jsonSerializer,
  resolveSerializer,
  type Serializer,
  type SerializerType,
  type Stored,
  textSerializer,
} from "./typed/serializer.js";
export {
  type StandardSchemaIssue,
  type StandardSchemaOutput,
  type StandardSchemaResult,
  type StandardSchemaV1,
  validateValue,
} from "./typed/standard-schema.js";
export type {
  KVListPage,
  ListOptions,
  PutOptions,
  TypedKV,
  WorkkitKV,
} from "./typed/typed-kv.js";
export { validateKey } from "./typed/validate-key.js";
export type { KVBatchPutEntry, KVPutOptions } from "./typed/write.js";
