import { KvError } from "../../namespace/errors.js";
import type { RecipeBinding } from "../shared/binding.js";
import type { RecipeSurroundings } from "../shared/options.js";
import { storeTtl } from "../shared/store-ttl.js";
import { CLOCK_DIFFERENCE_SECONDS } from "./limits.js";
import { type Counting, type Quota, secondsOf, type Verdict } from "./result.js";

/**
 * Consecutive windows, each with a counter of its own. The store counts exactly: a check is an increment. So
 * a check costs one request, and exactly `limit` of the requests in a window are allowed. Around the boundary
 * of two windows up to twice as many may follow each other.
 */
export function fixedWindow(
  { kv, atomic }: RecipeBinding,
  { limit, windowSeconds }: Quota,
  { nowMs }: Pick<RecipeSurroundings, "nowMs">,
): Counting {
  const windowMs = windowSeconds * 1000;
  const expirationTtl = storeTtl(windowSeconds + CLOCK_DIFFERENCE_SECONDS);

  /** The current window and its counter. */
  function current(key: string): { readonly counter: string; readonly untilMs: number } {
    const now = nowMs();
    const number = Math.floor(now / windowMs);
    return { counter: `${key}:${number}`, untilMs: (number + 1) * windowMs - now };
  }

  /** @param used how much of the window was used before */
  function outcome(used: number, cost: number, untilMs: number): Verdict {
    const allowed = used + cost <= limit;
    const seconds = secondsOf(untilMs);
    return {
      allowed,
      limit,
      remaining: Math.max(0, limit - (allowed ? used + cost : used)),
      resetSeconds: seconds,
      retryAfterSeconds: allowed ? 0 : Math.max(1, seconds),
    };
  }

  return {
    async check(key, cost) {
      const { counter, untilMs } = current(key);
      if (atomic === undefined) {
        const used = countOf(await kv.get(counter), counter);
        const result = outcome(used, cost, untilMs);
        if (result.allowed) await kv.put(counter, String(used + cost), { expirationTtl });
        return result;
      }
      const used = (await atomic.increment(counter, cost, { expirationTtl })) - cost;
      const result = outcome(used, cost, untilMs);
      // A rejected check with a high cost must not use up what is left for cheaper ones. Once the window is
      // used up, nothing needs to be given back.
      if (!result.allowed && used < limit) await atomic.increment(counter, -cost, { expirationTtl });
      return result;
    },
    async peek(key) {
      const { counter, untilMs } = current(key);
      const used = countOf(await kv.get(counter), counter);
      return { ...outcome(used, 1, untilMs), remaining: Math.max(0, limit - used) };
    },
    async reset(key) {
      await kv.delete(current(key).counter);
    },
  };
}

function countOf(text: string | null, key: string): number {
  const count = Number(text ?? 0);
  if (Number.isSafeInteger(count)) return count;
  throw new KvError("value_not_integer", `${JSON.stringify(key)} holds something else than a count.`, {
    hint: "Give the limiter a prefix that nothing else uses.",
  });
}
