/** A namespace over HTTP, below `connect()`, and what its two ends share. */
export type { CheckOutcomeLine } from "./data-admin.js";
export { EventStreamParser } from "./event-stream.js";
export { HttpBackend } from "./http-backend.js";
export type { Fetch, RequesterOptions } from "./requester.js";
export * from "./wire-names.js";
