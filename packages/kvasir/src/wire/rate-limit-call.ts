export interface RateLimitDefaults {
  /** Most calls that succeed in a period, unless a call says otherwise. */
  readonly limit: number;
  /** Seconds. */
  readonly period: number;
}

/** A call of a rate limit binding, with its defaults filled in. */
export interface RateLimitCall extends RateLimitDefaults {
  readonly key: string;
}

const OPTIONS = ["key", "limit", "period"];
const PERIODS: readonly unknown[] = [10, 60];

/**
 * Checks the argument of `env.LIMITER.limit()`, in the same order and with the same messages as Miniflare
 * (`src/workers/ratelimit/ratelimit.worker.ts`).
 *
 * @throws Error
 */
export function rateLimitCall(options: unknown, defaults: RateLimitDefaults): RateLimitCall {
  assert(typeof options === "object" && options !== null, "invalid rate limit options");
  const unknown = Object.keys(options).filter((name) => !OPTIONS.includes(name));
  assert(unknown.length === 0, `bad rate limit options: [${unknown.join(",")}]`);
  const given: { key?: unknown; limit?: unknown; period?: unknown } = options;
  const { key = "", limit = defaults.limit, period = defaults.period } = given;
  assert(typeof key === "string", `invalid key: ${key}`);
  assert(typeof limit === "number", `limit must be a number: ${limit}`);
  assert(typeof period === "number", `period must be a number: ${period}`);
  assert(PERIODS.includes(period), `unsupported period: ${period}`);
  return { key, limit, period };
}

function assert(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}
