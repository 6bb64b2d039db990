import type { RateLimitResult } from "./result.js";

/** A named limit, for headers and 429 responses. */
export interface RateLimitPolicy {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
}

/**
 * Which headers tell a client its limit. `structured`: `RateLimit` and `RateLimit-Policy` of
 * draft-ietf-httpapi-ratelimit-headers, version 8 and later. `separate`: `RateLimit-Limit`, `-Remaining` and
 * `-Reset` of version 6 and earlier. Rejected requests always get `Retry-After`.
 */
export type RateLimitHeaderStyle = "separate" | "structured" | "both" | "none";

/** The headers of a response, by name. */
export function rateLimitHeaders(
  result: RateLimitResult,
  { name, limit, windowSeconds }: RateLimitPolicy,
  style: RateLimitHeaderStyle = "structured",
): Record<string, string> {
  const { allowed, remaining, resetSeconds, retryAfterSeconds } = result;
  const headers: Record<string, string> = {};
  if (!allowed) headers["Retry-After"] = String(retryAfterSeconds);
  // The state of the client is unknown then.
  if (result.source === "default") return headers;
  if (style === "separate" || style === "both") {
    headers["RateLimit-Limit"] = String(limit);
    headers["RateLimit-Remaining"] = String(remaining);
    headers["RateLimit-Reset"] = String(resetSeconds);
  }
  if (style === "structured" || style === "both") {
    const item = `"${name.replace(/["\\]/g, "\\$&")}"`;
    headers["RateLimit-Policy"] = `${item};q=${limit};w=${windowSeconds}`;
    // The draft requires that Retry-After is not before the end of `t`.
    headers["RateLimit"] = `${item};r=${remaining};t=${allowed ? resetSeconds : retryAfterSeconds}`;
  }
  return headers;
}
