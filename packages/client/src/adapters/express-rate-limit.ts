import type { KVBinding } from "../typed/binding.js";
import { type WindowCounters, type WindowCountersOptions, windowCounters } from "./window-counters.js";

export type ExpressRateLimitStoreOptions = WindowCountersOptions;
export type ExpressRateLimitStore = WindowCounters;

/**
 * A store for `express-rate-limit`: all processes count together, exactly if the namespace has atomic operations.
 *
 * One request for each hit, and none for a client that is known to be over a fixed limit until its window ends.
 * Windows are those of the clock, such as each minute. While the store is away, requests pass within `timeoutMs`,
 * or get an error of status 503 with `onStoreError: "closed"`.
 *
 * @throws KvError `option_invalid`, `atomics_required`
 * @example
 * app.use(rateLimit({ windowMs: 60_000, limit: 100, store: expressRateLimitStore(kv) }));
 */
export function expressRateLimitStore(
  kv: KVBinding,
  options: ExpressRateLimitStoreOptions = {},
): ExpressRateLimitStore {
  return windowCounters(kv, { name: "expressRateLimitStore", options });
}
