export { isKvErrorCode, KvError, type KvErrorCode, type KvErrorOptions, statusOf } from "./errors.js";
export type * from "./kv-namespace.js";
export * from "./limits.js";
