import { SLIDING_PARTS } from "./limits.js";
import type { Meter } from "./metered-entry.js";
import { type Quota, secondsOf } from "./result.js";

/** What was let through in one part of a window: the part's number since the epoch, and how much. */
type Part = readonly [number: number, used: number];

/**
 * At no time were more than `limit` let through within the last `windowSeconds`. To keep that in little space, what
 * is let through is counted by sixtieths of the window, and counts until the whole sixtieth is out of it.
 */
export function slidingWindow({ limit, windowSeconds }: Quota): Meter<readonly Part[]> {
  const windowMs = windowSeconds * 1000;
  const partMs = windowMs / SLIDING_PARTS;
  /** When a part stops counting: then even its last moment is a window ago. */
  const freeMs = ([number]: Part) => (number + 1) * partMs + windowMs;

  return {
    empty: [],
    parse: (json) => (Array.isArray(json) && json.every(isPart) ? json : undefined),
    take(before, cost, nowMs) {
      const counting = before.filter((part) => freeMs(part) > nowMs);
      const used = counting.reduce((sum, [, some]) => sum + some, 0);
      const allowed = used + cost <= limit;
      const state = allowed && cost > 0 ? added(counting, Math.floor(nowMs / partMs), cost) : counting;
      const newest = state.at(-1);
      return {
        state,
        result: {
          allowed,
          limit,
          remaining: Math.max(0, limit - (allowed ? used + cost : used)),
          resetSeconds: newest === undefined ? 0 : secondsOf(freeMs(newest) - nowMs),
          retryAfterSeconds: allowed ? 0 : Math.max(1, secondsOf(freedMs(used + cost - limit) - nowMs)),
        },
      };

      /** When the oldest parts that make up `needed` no longer count. */
      function freedMs(needed: number): number {
        let freed = 0;
        for (const part of counting) {
          freed += part[1];
          if (freed >= needed) return freeMs(part);
        }
        return nowMs + windowMs;
      }
    },
  };
}

/** In order: a process whose clock is behind the others' counts into their newest part. */
function added(parts: readonly Part[], number: number, cost: number): readonly Part[] {
  const newest = parts.at(-1);
  if (newest === undefined || newest[0] < number) return [...parts, [number, cost]];
  return [...parts.slice(0, -1), [newest[0], newest[1] + cost]];
}

function isPart(json: unknown): boolean {
  return Array.isArray(json) && json.length === 2 && json.every(Number.isSafeInteger);
}
