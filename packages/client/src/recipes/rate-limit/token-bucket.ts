import type { Meter } from "./metered-entry.js";
import { type Quota, secondsOf } from "./result.js";

/** The state of a bucket: the number of used tokens at a point in time. */
export interface Bucket {
  /** Counts used tokens instead of remaining ones, so that a missing bucket equals a full one. */
  readonly used: number;
  readonly atMs: number;
}

/** The largest rounding error of `used`, in tokens. */
const ROUNDING = 1e-6;

/**
 * A bucket of `limit` tokens that refills evenly: an empty bucket is full after `windowSeconds`. So `limit`
 * can be used at once, and then `limit / windowSeconds` a second.
 */
export function tokenBucket({ limit, windowSeconds }: Quota): Meter<Bucket> {
  const msPerToken = (windowSeconds * 1000) / limit;
  return {
    empty: { used: 0, atMs: 0 },
    parse(json) {
      const { used, atMs } = json as Partial<Bucket>;
      return Number.isFinite(used) && Number.isFinite(atMs) ? (json as Bucket) : undefined;
    },
    take(bucket, cost, nowMs) {
      // Another process's clock may be ahead. Nothing refills until this clock reaches that time.
      const elapsedMs = Math.max(0, nowMs - bucket.atMs);
      const used = Math.max(0, bucket.used - elapsedMs / msPerToken);
      const over = used + cost - limit;
      const allowed = over <= ROUNDING;
      const usedNow = allowed ? used + cost : used;
      return {
        state: { used: usedNow, atMs: Math.max(nowMs, bucket.atMs) },
        result: {
          allowed,
          limit,
          remaining: Math.max(0, Math.floor(limit - usedNow + ROUNDING)),
          resetSeconds: secondsOf(usedNow * msPerToken),
          retryAfterSeconds: allowed ? 0 : Math.max(1, secondsOf(over * msPerToken)),
        },
      };
    },
  };
}
