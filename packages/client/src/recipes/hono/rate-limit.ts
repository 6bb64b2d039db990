import {
  checkRequest,
  LIMIT_REQUESTS_OPTION_NAMES,
  type LimitRequestsOptions,
} from "../rate-limit/check-request.js";
import { PROBLEM_CONTENT_TYPE } from "../rate-limit/problem.js";
import type { RateLimit } from "../rate-limit/rate-limit.js";
import type { RateLimitResult } from "../rate-limit/result.js";
import { assertKnownOptions } from "../shared/known-options.js";
import { type FromContext, fromContext, type HonoContext, type HonoMiddleware } from "./context.js";

export interface RateLimiterOptions<Context> extends LimitRequestsOptions<Context> {
  /**
   * Responds to a request that is over the limit, or that is rejected because the store is unavailable
   * (`result.source` is `default`). @default 429 or 503 with problem details as JSON
   */
  readonly onLimited?: ((c: Context, result: RateLimitResult) => Response | Promise<Response>) | undefined;
}

/**
 * Limits requests. A request over the limit gets a 429, and every response tells how much is left. While the
 * store is unavailable, requests pass or get a 503, depending on the limiter's `onStoreError`.
 *
 * @example
 * const limiterOf = perBinding((kv: KVNamespace) => rateLimit(kv, { limit: 100, windowSeconds: 60 }));
 * app.use(rateLimiter((c: Context<Env>) => limiterOf(c.env.LIMITS), { key: (c) => c.get("user").id }));
 */
export function rateLimiter<Context extends HonoContext>(
  limiter: FromContext<RateLimit, Context>,
  options: RateLimiterOptions<Context>,
): HonoMiddleware<Context> {
  assertKnownOptions("rateLimiter", options, { ...LIMIT_REQUESTS_OPTION_NAMES, onLimited: true });
  return async (c, next) => {
    const { result, headers, status, refusal } = await checkRequest(fromContext(limiter, c), c, options);
    if (result.allowed) {
      await next();
    } else {
      c.res =
        (await options.onLimited?.(c, result)) ??
        new Response(refusal, { status, headers: { "Content-Type": PROBLEM_CONTENT_TYPE } });
    }
    // After the handlers: a response that a handler created itself would not get headers set before.
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
  };
}
