import type { KVBinding } from "../typed/binding.js";
import { type WindowCounters, type WindowCountersOptions, windowCounters } from "./window-counters.js";

export type HonoRateLimitStoreOptions = WindowCountersOptions;
export type HonoRateLimitStore = WindowCounters;

/**
 * A store for `hono-rate-limiter`: all processes count together, exactly if the namespace has atomic operations.
 *
 * One request for each hit, and none for a client that is known to be over a fixed limit until its window ends.
 * Windows are those of the clock, such as each minute. While the store is away, requests pass within `timeoutMs`,
 * or get an error of status 503 with `onStoreError: "closed"`.
 *
 * @throws KvError `option_invalid`, `atomics_required`
 * @example
 * app.use(rateLimiter({ windowMs: 60_000, limit: 100, keyGenerator, store: honoRateLimitStore(kv) }));
 */
export function honoRateLimitStore(
  kv: KVBinding,
  options: HonoRateLimitStoreOptions = {},
): HonoRateLimitStore {
  return windowCounters(kv, { name: "honoRateLimitStore", options });
}
