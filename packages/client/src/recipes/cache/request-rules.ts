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

/**
 * Why the cache does not handle a request: it has another method, or asks for a range, for a condition of the
 * resource itself, or for no caching. `undefined`: the cache handles it.
 *
 * @param obeys whether the request's own `no-store` counts
 */
export function bypassReason(
  { method, headers }: Request,
  obeys: boolean,
): "method" | "request" | "bypass" | undefined {
  if (method !== "GET" && method !== "HEAD") return "method";
  if (["Range", "If-Match", "If-Unmodified-Since", "Upgrade"].some((name) => headers.has(name))) {
    return "bypass";
  }
  return obeys && directivesOf(headers.get("Cache-Control")).has("no-store") ? "request" : undefined;
}

/** The methods that change nothing (RFC 9110, 9.2.1). */
export function isSafe(method: string): boolean {
  return ["GET", "HEAD", "OPTIONS", "TRACE"].includes(method);
}

/**
 * The rules of a request. Unless they are obeyed, only `only-if-cached` counts: it never reaches the handler.
 *
 * @param obeys whether a client may ask for a newer response
 */
export function requestRules(request: Request, obeys: boolean): RequestRules {
  const { headers } = request;
  const header = headers.get("Cache-Control");
  const directives = directivesOf(header);
  const onlyIfCached = directives.has("only-if-cached");
  if (!obeys && !isRefresh(request)) return { ...NO_RULES, onlyIfCached };
  const ageSecondsMax = secondsOf(directives, "max-age") ?? Number.POSITIVE_INFINITY;
  // Pragma applies only without Cache-Control (5.4).
  const pragma = header === null && directivesOf(headers.get("Pragma")).has("no-cache");
  return {
    ageMsMax: ageSecondsMax * 1000,
    freshMsMin: (secondsOf(directives, "min-fresh") ?? 0) * 1000,
    noCache: directives.has("no-cache") || ageSecondsMax === 0 || pragma,
    onlyIfCached,
  };
}

const NO_RULES = { ageMsMax: Number.POSITIVE_INFINITY, freshMsMin: 0, noCache: false };

/** A directive of ours that no client knows the value of. */
const REFRESH = "kvasir-refresh";
let refreshToken: string | undefined;

/** The `Cache-Control` of a request with which this process replaces a stale response. */
export function refreshCacheControl(): string {
  // Made at the first request: Workers have no random numbers before.
  refreshToken ??= crypto.randomUUID();
  return `no-cache, ${REFRESH}=${refreshToken}`;
}

function isRefresh({ headers }: Request): boolean {
  return (
    refreshToken !== undefined && directivesOf(headers.get("Cache-Control")).get(REFRESH) === refreshToken
  );
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
