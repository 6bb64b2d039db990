import { hash } from "node:crypto";
import type { Clock } from "@kvasir/store";
import { readCounter } from "./counter.js";
import { RATE_LIMITS, type TransientStore } from "./transient-store.js";

export interface RateLimitCall {
  /** The `namespace_id` of the binding. Bindings with the same one share their counters. */
  readonly namespaceId: string;
  readonly key: string;
  /** Most calls that succeed in a period. */
  readonly limit: number;
  readonly periodSeconds: number;
}

/**
 * Fixed windows that begin at whole multiples of their period, as in Miniflare
 * (`src/workers/ratelimit/ratelimit-object.worker.ts`). Exact over all processes on one data directory.
 */
export class RateLimits {
  readonly #transient: TransientStore;
  readonly #clock: Clock;

  constructor(transient: TransientStore, clock: Clock) {
    this.#transient = transient;
    this.#clock = clock;
  }

  /** Whether the call is within the limit. Only such calls are counted. */
  async admit({ namespaceId, key, limit, periodSeconds }: RateLimitCall): Promise<boolean> {
    const store = await this.#transient.open();
    const periodMs = periodSeconds * 1000;
    const window = Math.floor(this.#clock.nowMs() / periodMs);
    const counter = hash("sha256", JSON.stringify([namespaceId, key, periodSeconds, window]), "hex");
    // A caller over the limit costs a read and no write.
    if ((await readCounter(store, RATE_LIMITS, counter)) >= limit) return false;
    const expirationMs = (window + 1) * periodMs;
    const { value } = await store.entries.increment(RATE_LIMITS, counter, 1, expirationMs);
    if (value - 1 < limit) return true;
    // Others took the rest of the limit between the read and the increment.
    await store.entries.increment(RATE_LIMITS, counter, -1, expirationMs);
    return false;
  }
}
