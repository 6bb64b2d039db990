import type { RateLimitBinding } from "../functions/config/rate-limits.js";
import type { TransientServices } from "../server/transient-services.js";
import { rateLimitCall } from "../wire/rate-limit-call.js";

/** A rate limit binding in the process of a dev server. It shares its counters with `kvasir dev` of the folder. */
export class InProcessRateLimit {
  readonly #binding: RateLimitBinding;
  readonly #transient: TransientServices;

  constructor(binding: RateLimitBinding, transient: TransientServices) {
    this.#binding = binding;
    this.#transient = transient;
  }

  /** Counts a call if it is within the limit. */
  async limit(options: unknown): Promise<{ readonly success: boolean }> {
    const { namespaceId, limit: limitMax, periodSeconds } = this.#binding;
    const { key, limit, period } = rateLimitCall(options, { limit: limitMax, period: periodSeconds });
    const rateLimits = await this.#transient.rateLimits();
    return { success: await rateLimits.admit({ namespaceId, key, limit, periodSeconds: period }) };
  }
}
