import { RATE_LIMIT_PATH } from "../src/wire/names.js";

interface Inner {
  readonly fetcher: Fetcher;
  /** Most calls that succeed in a period, unless a call says otherwise. */
  readonly limit: number;
  /** Seconds. */
  readonly period: number;
}

const OPTIONS = ["key", "limit", "period"];
const PERIODS: readonly unknown[] = [10, 60];

/**
 * A rate limit binding: `env.LIMITER.limit({ key })` resolves with `{ success }`. Arguments are checked in the
 * same order and with the same messages as in Miniflare (`src/workers/ratelimit/ratelimit.worker.ts`).
 */
class RateLimit {
  readonly #inner: Inner;

  constructor(inner: Inner) {
    this.#inner = inner;
  }

  async limit(options: unknown): Promise<{ readonly success: boolean }> {
    assert(typeof options === "object" && options !== null, "invalid rate limit options");
    const unknown = Object.keys(options).filter((name) => !OPTIONS.includes(name));
    assert(unknown.length === 0, `bad rate limit options: [${unknown.join(",")}]`);
    const given: { key?: unknown; limit?: unknown; period?: unknown } = options;
    const { key = "", limit = this.#inner.limit, period = this.#inner.period } = given;
    assert(typeof key === "string", `invalid key: ${key}`);
    assert(typeof limit === "number", `limit must be a number: ${limit}`);
    assert(typeof period === "number", `period must be a number: ${period}`);
    assert(PERIODS.includes(period), `unsupported period: ${period}`);
    const response = await this.#inner.fetcher.fetch(`http://kvasir${RATE_LIMIT_PATH}`, {
      method: "POST",
      body: JSON.stringify({ key, limit, period }),
    });
    if (!response.ok) throw new Error(`The rate limit could not be read: ${response.statusText}`);
    return response.json();
  }
}

function assert(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}

export default (inner: Inner) => new RateLimit(inner);
