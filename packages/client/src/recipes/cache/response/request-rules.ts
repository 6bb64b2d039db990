import { directivesOf, secondsOf } from "./cache-control.js";

/** What a request asks of a cache (RFC 9111, 5.2.1). */
export interface RequestRules {
  /** Oldest answer that will do, in milliseconds. */
  readonly ageMsMax: number;
  /** How much longer it has to stay fresh, in milliseconds. */
  readonly freshMsMin: number;
  /** Nothing that was stored before the request. */
  readonly noCache: boolean;
  /** Rather no answer than one from the handler. */
  readonly onlyIfCached: boolean;
}

/** What a cache has no part in: other methods, parts, conditions on the resource itself, and whoever forbids it. */
export function isForCache({ method, headers }: Request): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  if (["Range", "If-Match", "If-Unmodified-Since", "Upgrade"].some((name) => headers.has(name))) return false;
  return !directivesOf(headers.get("Cache-Control")).has("no-store");
}

/** RFC 9110, 9.2.1: the methods that change nothing. */
export function isSafe(method: string): boolean {
  return ["GET", "HEAD", "OPTIONS", "TRACE"].includes(method);
}

export function requestRules({ headers }: Request): RequestRules {
  const header = headers.get("Cache-Control");
  const directives = directivesOf(header);
  const ageSecondsMax = secondsOf(directives, "max-age") ?? Number.POSITIVE_INFINITY;
  // Pragma counts where there is no Cache-Control (5.4).
  const pragma = header === null && directivesOf(headers.get("Pragma")).has("no-cache");
  return {
    ageMsMax: ageSecondsMax * 1000,
    freshMsMin: (secondsOf(directives, "min-fresh") ?? 0) * 1000,
    noCache: directives.has("no-cache") || ageSecondsMax === 0 || pragma,
    onlyIfCached: directives.has("only-if-cached"),
  };
}

/**
 * The request that gets the whole answer: what to do about the condition is for the cache, which needs all of it.
 */
export function unconditional(request: Request): Request {
  const conditions = ["If-None-Match", "If-Modified-Since"].filter((name) => request.headers.has(name));
  if (conditions.length === 0) return request;
  const headers = new Headers(request.headers);
  for (const name of conditions) headers.delete(name);
  return new Request(request, { headers });
}
