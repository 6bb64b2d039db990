// The names that users of workkit import, from @workkit/kv and, to tell errors apart, from @workkit/errors: they change
// the package's name and nothing else. The typed client's own names are in `@kvasir/client/typed` alone. A new name
// belongs there, not here.
export { assertKVBinding } from "./typed/binding.js";
export {
  BindingNotFoundError,
  ConfigError,
  InternalError,
  RateLimitError,
  ServiceUnavailableError,
  TimeoutError,
  ValidationError,
} from "./typed/errors/failures.js";
export {
  KVError,
  KVNotFoundError,
  KVSerializationError,
  KVValidationError,
} from "./typed/errors/kv-errors.js";
export { WorkkitError } from "./typed/errors/workkit-error.js";
export { type KVErrorContext, wrapKVError } from "./typed/errors/wrap-error.js";
export { assertValidTtl } from "./typed/expiry.js";
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
  textSerializer,
} from "./typed/serializer.js";
export { validateValue } from "./typed/standard-schema.js";
export type { KVListPage, ListOptions, PutOptions, TypedKV, WorkkitKV } from "./typed/typed-kv.js";
export { validateKey } from "./typed/validate-key.js";
export type { KVBatchPutEntry, KVPutOptions } from "./typed/write.js";
