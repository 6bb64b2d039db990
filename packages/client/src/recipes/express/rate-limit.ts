import {
  checkRequest,
  LIMIT_REQUESTS_OPTION_NAMES,
  type LimitRequestsOptions,
} from "../rate-limit/check-request.js";
import { PROBLEM_CONTENT_TYPE } from "../rate-limit/problem.js";
import type { RateLimit } from "../rate-limit/rate-limit.js";
import type { RateLimitResult } from "../rate-limit/result.js";
import { assertKnownOptions } from "../shared/known-options.js";
import {
  type ExpressMiddleware,
  type ExpressRequest,
  type ExpressResponse,
  type FromRequest,
  fromRequest,
} from "./context.js";

export interface RateLimiterOptions<Request, Response> extends LimitRequestsOptions<Request> {
  /**
   * Responds to a request that is over the limit, or that is rejected because the store is unavailable
   * (`result.source` is `default`). @default 429 or 503 with problem details as JSON
   */
  readonly onLimited?: ((req: Request, res: Response, result: RateLimitResult) => unknown) | undefined;
}

/**
 * Limits requests. A request over the limit gets a 429, and every response tells how much is left. While the
 * store is unavailable, requests pass or get a 503, depending on the limiter's `onStoreError`.
 *
 * @example
 * app.use(rateLimiter(rateLimit(kv, { limit: 100, windowSeconds: 60 }), { key: (req) => req.ip }));
 */
export function rateLimiter<Request extends ExpressRequest, Response extends ExpressResponse>(
  limiter: FromRequest<RateLimit, Request>,
  options: RateLimiterOptions<Request, Response>,
): ExpressMiddleware<Request, Response> {
  assertKnownOptions("rateLimiter", options, { ...LIMIT_REQUESTS_OPTION_NAMES, onLimited: true });
  return async (req, res, next) => {
    try {
      const { result, headers, status, refusal } = await checkRequest(
        fromRequest(limiter, req),
        req,
        options,
      );
      for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
      if (!result.allowed) {
        res.statusCode = status;
        if (options.onLimited !== undefined) {
          await options.onLimited(req, res, result);
          return;
        }
        res.setHeader("Content-Type", PROBLEM_CONTENT_TYPE);
        res.end(refusal);
        return;
      }
    } catch (error) {
      next(error);
      return;
    }
    // Outside of the try: errors of later handlers are not reported here.
    next();
  };
}
