import { directivesOf, secondsOf } from "./cache-control.js";

/** The request's own cache directives (RFC 9111, 5.2.1). */
export interface RequestRules {
  /** Largest acceptable age of a response, in milliseconds. */
  readonly ageMsMax: number;
  /** How much longer the response must stay fresh, in milliseconds. */
  readonly freshMsMin: number;
  /** Rejects responses that were stored before the request. */
  readonly noCache: boolean;
  /** Prefers an error to a response from the handler. */
  readonly onlyIfCached: boolean;
}

/** Excludes other methods, ranges, conditions for the resource itself, and requests that forbid caching. */
export function isForCache({ method, headers }: Request): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  if (["Range", "If-Match", "If-Unmodified-Since", "Upgrade"].some((name) => headers.has(name))) return false;
  return !directivesOf(headers.get("Cache-Control")).has("no-store");
}

/** The methods that change nothing (RFC 9110, 9.2.1). */
export function isSafe(method: string): boolean {
  return ["GET", "HEAD", "OPTIONS", "TRACE"].includes(method);
}

export function requestRules({ headers }: Request): RequestRules {
  const header = headers.get("Cache-Control");
  const directives = directivesOf(header);
  const ageSecondsMax = secondsOf(directives, "max-age") ?? Number.POSITIVE_INFINITY;
  // Pragma applies only without Cache-Control (5.4).
  const pragma = header === null && directivesOf(headers.get("Pragma")).has("no-cache");
  return {
    ageMsMax: ageSecondsMax * 1000,
    freshMsMin: (secondsOf(directives, "min-fresh") ?? 0) * 1000,
    noCache: directives.has("no-cache") || ageSecondsMax === 0 || pragma,
    onlyIfCached: directives.has("only-if-cached"),
  };
}

/**
 * Removes conditions, so that the handler returns the complete response. The cache
 * evaluates the conditions itself.
 */
export function unconditional(request: Request): Request {
  const conditions = ["If-None-Match", "If-Modified-Since"].filter((name) => request.headers.has(name));
  if (conditions.length === 0) return request;
  const headers = new Headers(request.headers);
  for (const name of conditions) headers.delete(name);
  return new Request(request, { headers });
}
