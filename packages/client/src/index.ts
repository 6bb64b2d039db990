export { type ConnectOptions, connect } from "./connect.js";
export * from "./http/limits.js";
export type { Fetch } from "./http/requester.js";
export { KvError, type KvErrorCode } from "./namespace/errors.js";
export type * from "./namespace/kv-namespace.js";
export * from "./namespace/limits.js";
export * from "./workkit.js";
