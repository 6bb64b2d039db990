import type { RateLimitResult } from "./result.js";

/** A limit by its name, as headers and 429 answers speak of it. */
export interface RateLimitPolicy {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
}

/**
 * Which headers tell a client of its limit. `separate`: `RateLimit-Limit`, `-Remaining` and `-Reset`, which most
 * clients know. `structured`: `RateLimit` and `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers, version 7
 * and later. Refused requests get `Retry-After` whichever it is.
 */
export type RateLimitHeaderStyle = "separate" | "structured" | "both" | "none";

/** The headers of an answer, by name. */
export function rateLimitHeaders(
  result: RateLimitResult,
  { name, limit, windowSeconds }: RateLimitPolicy,
  style: RateLimitHeaderStyle = "separate",
): Record<string, string> {
  const { allowed, remaining, resetSeconds, retryAfterSeconds } = result;
  const headers: Record<string, string> = {};
  if (!allowed) headers["Retry-After"] = String(retryAfterSeconds);
  // Nothing is known of the client then.
  if (result.source === "default") return headers;
  if (style === "separate" || style === "both") {
    headers["RateLimit-Limit"] = String(limit);
    headers["RateLimit-Remaining"] = String(remaining);
    headers["RateLimit-Reset"] = String(resetSeconds);
  }
  if (style === "structured" || style === "both") {
    const item = `"${name.replace(/["\\]/g, "\\$&")}"`;
    headers["RateLimit-Policy"] = `${item};q=${limit};w=${windowSeconds}`;
    // The draft wants Retry-After at the end of `t` or later.
    headers["RateLimit"] = `${item};r=${remaining};t=${allowed ? resetSeconds : retryAfterSeconds}`;
  }
  return headers;
}
