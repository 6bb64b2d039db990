/** `kv<T>()`: a namespace with types, JSON, prefixes, default expiry and validation, with workkit's names and errors. */
export { assertKVBinding, type KVBinding } from "./binding.js";
export {
  BindingNotFoundError,
  ConfigError,
  InternalError,
  RateLimitError,
  ServiceUnavailableError,
  TimeoutError,
  ValidationError,
  type ValidationIssue,
} from "./errors/failures.js";
export {
  KVError,
  KVNotFoundError,
  KVSerializationError,
  KVValidationError,
} from "./errors/kv-errors.js";
export {
  type RetryStrategy,
  type SerializedError,
  WorkkitError,
  type WorkkitErrorCode,
  type WorkkitErrorOptions,
} from "./errors/workkit-error.js";
export { type KVErrorContext, type KVOperation, wrapKVError } from "./errors/wrap-error.js";
export { assertValidTtl, type KVExpiry } from "./expiry.js";
export type { KVAtomic } from "./extensions.js";
export { kv } from "./kv.js";
export type { KVEntry, KVKeyEntry, KVListEntry, KVListOptions } from "./list.js";
export type { KVOptions, KVOptionsWithoutSchema, KVOptionsWithSchema } from "./options.js";
export { combinePrefixes, prefixKey, stripPrefix } from "./prefix.js";
export type { GetOptions, KVGetWithMetadataResult } from "./read.js";
export {
  jsonSerializer,
  resolveSerializer,
  type Serializer,
  type SerializerType,
  type Stored,
  textSerializer,
} from "./serializer.js";
export {
  type StandardSchemaIssue,
  type StandardSchemaOutput,
  type StandardSchemaResult,
  type StandardSchemaV1,
  validateValue,
} from "./standard-schema.js";
export type {
  KVListPage,
  ListOptions,
  PutOptions,
  TypedKV,
  WorkkitKV,
} from "./typed-kv.js";
export { validateKey } from "./validate-key.js";
export type { KVBatchPutEntry, KVPutOptions } from "./write.js";
