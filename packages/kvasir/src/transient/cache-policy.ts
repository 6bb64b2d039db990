import { EXPIRATION_SECONDS_MAX } from "@kvasir/store";
import CachePolicy from "http-cache-semantics";

/** Status and headers of a response. */
export interface ResponseHead {
  readonly status: number;
  /** By lower-case name. Several headers of one name are joined, as `Headers` joins them. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface CacheDecision {
  /** Headers to store: those of the response without those that concern only its connection. */
  readonly headers: Readonly<Record<string, string>>;
  /** When the response expires, in milliseconds since the epoch. */
  readonly expirationMs: number;
}

/**
 * Whether and for how long a shared cache may keep a response to a GET, by the rules of HTTP (RFC 9111) and
 * the Cache API's rule for `Set-Cookie`. Returns `null` for a response that must not be stored.
 *
 * The steps are those of Miniflare (`src/workers/cache/cache.worker.ts`), so the same responses are stored.
 */
export function decideCaching(
  url: string,
  { status, headers }: ResponseHead,
  nowMs: number,
): CacheDecision | null {
  const kept: Record<string, string> = { ...headers };
  const cacheControl = kept["cache-control"]?.toLowerCase();
  if (cacheControl?.includes("private=set-cookie") === true) {
    kept["cache-control"] = cacheControl.replace(/private=set-cookie;?/, "");
    delete kept["set-cookie"];
  }
  const Policy = policyAt(nowMs);
  const policy = new Policy({ url, method: "GET", headers: {} }, { status, headers: kept }, { shared: true });
  if (!policy.storable() || "set-cookie" in kept) return null;
  const lifetimeMs = Math.min(policy.timeToLive(), EXPIRATION_SECONDS_MAX * 1000 - nowMs);
  return {
    headers: policy.responseHeaders() as Record<string, string>,
    expirationMs: Math.floor(nowMs + lifetimeMs),
  };
}

/** The library reads the time from a method, already in its constructor. */
function policyAt(nowMs: number): typeof CachePolicy {
  return class extends CachePolicy {
    now(): number {
      return nowMs;
    }
  };
}
