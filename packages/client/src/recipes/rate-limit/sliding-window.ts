import { SLIDING_PARTS } from "./limits.js";
import type { Meter } from "./metered-entry.js";
import { type Quota, secondsOf } from "./result.js";

/** The usage in one part of a window: the part's number since the epoch, and the amount. */
type Part = readonly [number: number, used: number];

/**
 * At any time, at most `limit` is used within the last `windowSeconds`. To save space, usage is counted in
 * sixtieths of the window, and counts until its whole sixtieth has left the window.
 */
export function slidingWindow({ limit, windowSeconds }: Quota): Meter<readonly Part[]> {
  const windowMs = windowSeconds * 1000;
  const partMs = windowMs / SLIDING_PARTS;
  /** When a part stops counting: its last moment is then one window ago. */
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

      /** When enough of the oldest parts to free `needed` stop counting. */
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

/** Keeps the parts in order: a process whose clock is behind counts into the newest part of the others. */
function added(parts: readonly Part[], number: number, cost: number): readonly Part[] {
  const newest = parts.at(-1);
  if (newest === undefined || newest[0] < number) return [...parts, [number, cost]];
  return [...parts.slice(0, -1), [newest[0], newest[1] + cost]];
}

function isPart(json: unknown): boolean {
  return Array.isArray(json) && json.length === 2 && json.every(Number.isSafeInteger);
}
