import type { OptionNames } from "../shared/option-names.js";
import { invalidOption } from "../shared/options.js";
import { STORE_AWAY } from "../shared/store-away.js";
import { type RateLimitHeaderStyle, rateLimitHeaders } from "./headers.js";
import { quotaExceeded } from "./problem.js";
import type { RateLimit } from "./rate-limit.js";
import type { RateLimitResult } from "./result.js";

/** Options of a middleware that limits requests. `Request` is the type of its framework. */
export interface LimitRequestsOptions<Request> {
  /**
   * The client of a request. There is no default: behind a proxy every address is the proxy's, and a
   * forwarded address is only as trustworthy as the proxy that reports it.
   */
  readonly key: (request: Request) => string | Promise<string>;
  /** @default 1 */
  readonly cost?: number | ((request: Request) => number | Promise<number>) | undefined;
  /** @default "structured" */
  readonly headers?: RateLimitHeaderStyle | undefined;
}

export const LIMIT_REQUESTS_OPTION_NAMES: OptionNames<LimitRequestsOptions<unknown>> = {
  key: true,
  cost: true,
  headers: true,
};

/** The result of checking a request, ready to be sent. */
export interface CheckedRequest {
  readonly result: RateLimitResult;
  /** Headers for the response, whether the request is allowed or not. */
  readonly headers: Readonly<Record<string, string>>;
  /** 429, or 503 if the store is unavailable. */
  readonly status: number;
  /** The body for a rejected request, of the type `PROBLEM_CONTENT_TYPE`. */
  readonly refusal: string;
}

export async function checkRequest<Request>(
  limiter: RateLimit,
  request: Request,
  { key, cost = 1, headers }: LimitRequestsOptions<Request>,
): Promise<CheckedRequest> {
  if (typeof key !== "function") {
    throw invalidOption("key", key, "a function that says whose request it is");
  }
  const result = await limiter.check(await key(request), {
    cost: typeof cost === "function" ? await cost(request) : cost,
  });
  const isKnown = result.source !== "default";
  return {
    result,
    headers: rateLimitHeaders(result, limiter.policy, headers),
    status: isKnown ? 429 : STORE_AWAY.status,
    refusal: isKnown ? quotaExceeded(result, limiter.policy) : STORE_AWAY.body,
  };
}
