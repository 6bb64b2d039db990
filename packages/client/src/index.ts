export { type ConnectOptions, connect } from "./connect.js";
export { connectAdmin } from "./http/admin.js";
export type { Fetch, HttpOptions } from "./http/requester.js";
export type { ServerOptions } from "./http/server.js";
export type * from "./namespace/admin.js";
export { KvError, type KvErrorCode } from "./namespace/errors.js";
export type * from "./namespace/kv-namespace.js";
export * from "./workkit.js";
