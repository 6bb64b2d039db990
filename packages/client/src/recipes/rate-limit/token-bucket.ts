import type { Meter } from "./metered-entry.js";
import { type Quota, secondsOf } from "./result.js";

/** A bucket: how many tokens are out, at a time. */
export interface Bucket {
  /** Not the tokens that are left: nothing out is then the same as no bucket. */
  readonly used: number;
  readonly atMs: number;
}

/** What rounding may have added to `used` on its way back to a whole number, in tokens. */
const ROUNDING = 1e-6;

/**
 * A bucket of `limit` tokens, filled evenly: an empty one is full after `windowSeconds`. So `limit` may be used at
 * once, and `limit / windowSeconds` a second for ever.
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
      // Another process's clock may be ahead of this one's: then nothing flows back before this one gets there.
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
