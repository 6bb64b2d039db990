import { type Directives, directivesOf, secondsOf } from "./cache-control.js";
import { CACHE_SECONDS_MAX } from "./limits.js";
import type { Caching } from "./options.js";

/** How long a response may be cached from now on. */
export interface Lifetime {
  readonly freshMs: number;
  readonly staleMs: number;
  /** The age of the response when it arrived. */
  readonly ageMs: number;
}

/** The statuses for `ttlSeconds`. They are cacheable by default (RFC 9110, 15.1). */
const DEFAULT_STATUSES = new Set([200, 203, 204, 300, 301, 308]);
const NEGATIVE_STATUSES = new Set([404, 410]);

/**
 * How long a shared cache may store a response (RFC 9111, 3 and 4.2; RFC 5861). `null`: not at all.
 *
 * This is stricter than the RFCs about private data. Responses with `Set-Cookie` are not stored. If the
 * request has a cookie or `Authorization`, the response is stored only if it has `public` or `s-maxage`, as
 * in Varnish. Responses with `Content-Encoding` are not stored either, because runtimes disagree about
 * whether a body is still encoded when it is read. Compress outside of the cache.
 */
export function lifetimeOf(
  request: Request,
  response: Response,
  caching: Caching,
  nowMs: number,
): Lifetime | null {
  const { headers, status } = response;
  const directives = directivesOf(headers.get("Cache-Control"));
  if (!mayBeKept(request, response, directives)) return null;
  const ageMs = ageOf(headers, nowMs);
  const stated = statedMs(headers, directives, nowMs);
  const lifetimeMs = stated ?? defaultMs(request, status, caching);
  if (lifetimeMs === null) return null;
  const freshMs = Math.max(0, Math.min(lifetimeMs, CACHE_SECONDS_MAX * 1000) - ageMs);
  const staleMs = staleMsOf(directives, status, caching);
  // A response that is already stale is not useful for other requests.
  return lifetimeMs > ageMs ? { freshMs, staleMs, ageMs } : null;
}

function mayBeKept(request: Request, { headers, status }: Response, directives: Directives): boolean {
  if (status < 200 || status === 206 || status === 304) return false;
  if (["no-store", "private", "no-cache"].some((name) => directives.has(name))) return false;
  if (headers.has("Set-Cookie") || headers.has("Content-Encoding") || headers.has("Content-Range"))
    return false;
  if ((headers.get("Vary") ?? "").includes("*")) return false;
  // An event stream never ends.
  if (headers.get("Content-Type")?.startsWith("text/event-stream")) return false;
  return !hasCredentials(request) || directives.has("public") || directives.has("s-maxage");
}

function hasCredentials({ headers }: Request): boolean {
  return headers.has("Cookie") || headers.has("Authorization");
}

/** The lifetime in the response itself: `s-maxage`, otherwise `max-age`, otherwise `Expires`. */
function statedMs(headers: Headers, directives: Directives, nowMs: number): number | null {
  const seconds = secondsOf(directives, "s-maxage") ?? secondsOf(directives, "max-age");
  if (seconds !== undefined) return seconds * 1000;
  const expires = headers.get("Expires");
  if (expires === null) return null;
  // An invalid date, especially "0", counts as a time in the past (5.3).
  const expiresMs = Date.parse(expires);
  return Number.isNaN(expiresMs) ? 0 : expiresMs - dateMs(headers, nowMs);
}

function defaultMs(request: Request, status: number, { freshMs, negativeMs }: Caching): number | null {
  if (hasCredentials(request)) return null;
  if (DEFAULT_STATUSES.has(status)) return freshMs;
  return NEGATIVE_STATUSES.has(status) ? negativeMs : null;
}

function staleMsOf(directives: Directives, status: number, { staleMs }: Caching): number {
  if (directives.has("must-revalidate") || directives.has("proxy-revalidate")) return 0;
  const stated = secondsOf(directives, "stale-while-revalidate");
  if (stated !== undefined) return Math.min(stated, CACHE_SECONDS_MAX) * 1000;
  // s-maxage forbids stale responses, as proxy-revalidate does (5.2.2.10).
  return directives.has("s-maxage") || NEGATIVE_STATUSES.has(status) ? 0 : staleMs;
}

/** 4.2.3: the larger one of the `Age` header and the time since `Date`. */
function ageOf(headers: Headers, nowMs: number): number {
  const age = Number(headers.get("Age") ?? 0);
  return Math.max(0, Number.isFinite(age) ? age * 1000 : 0, nowMs - dateMs(headers, nowMs));
}

function dateMs(headers: Headers, nowMs: number): number {
  const date = Date.parse(headers.get("Date") ?? "");
  return Number.isNaN(date) ? nowMs : date;
}
