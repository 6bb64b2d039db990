import { RATE_LIMIT_PATH } from "../src/wire/names.js";
import { type RateLimitDefaults, rateLimitCall } from "../src/wire/rate-limit-call.js";

interface Inner extends RateLimitDefaults {
  readonly fetcher: Fetcher;
}

/** A rate limit binding: `env.LIMITER.limit({ key })` resolves with `{ success }`. */
class RateLimit {
  readonly #inner: Inner;

  constructor(inner: Inner) {
    this.#inner = inner;
  }

  async limit(options: unknown): Promise<{ readonly success: boolean }> {
    const call = rateLimitCall(options, this.#inner);
    const response = await this.#inner.fetcher.fetch(`http://kvasir${RATE_LIMIT_PATH}`, {
      method: "POST",
      body: JSON.stringify(call),
    });
    if (!response.ok) throw new Error(`The rate limit could not be read: ${response.statusText}`);
    return response.json();
  }
}

export default (inner: Inner) => new RateLimit(inner);
