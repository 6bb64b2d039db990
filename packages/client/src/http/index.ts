/** A namespace over HTTP, below `connect()`, and what its two ends share. */
export { HttpBackend } from "./http-backend.js";
export type { Fetch, RequesterOptions } from "./requester.js";
export * from "./wire-names.js";
