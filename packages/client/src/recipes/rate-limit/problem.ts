import type { RateLimitPolicy } from "./headers.js";
import type { RateLimitResult } from "./result.js";

export const PROBLEM_CONTENT_TYPE = "application/problem+json";

/**
 * The body of a 429 as JSON text: problem details (RFC 9457) of the type that
 * draft-ietf-httpapi-ratelimit-headers defines.
 */
export function quotaExceeded({ retryAfterSeconds }: RateLimitResult, policy: RateLimitPolicy): string {
  const { name, limit, windowSeconds } = policy;
  return JSON.stringify({
    type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
    title: "Request cannot be satisfied as assigned quota has been exceeded",
    status: 429,
    detail: `At most ${limit} in ${windowSeconds} seconds. Try again in ${retryAfterSeconds} seconds.`,
    "violated-policies": [name],
  });
}
