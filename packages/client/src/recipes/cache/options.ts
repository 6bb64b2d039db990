import type { OptionNames } from "../shared/option-names.js";
import {
  invalidOption,
  nonEmptyText,
  numberBetween,
  RECIPE_OPTION_NAMES,
  type RecipeOptions,
} from "../shared/options.js";
import { RESPONSE_TAG } from "./cache-keys.js";
import { CACHE_SECONDS_MAX, LEASE_SECONDS_MAX, TAGS_MAX, TTL_SECONDS } from "./limits.js";

/** How one entry is cached. Missing options have the values of the cache. */
export interface CachingOptions {
  /** How long it is fresh, in seconds, at most a year. @default 60 */
  readonly ttlSeconds?: number | undefined;
  /** How much longer it is served while a new one is computed in the background, in seconds. @default 0 */
  readonly staleSeconds?: number | undefined;
  /** How long a missing value is cached: `null`, or a response with 404 or 410. @default 0, not at all */
  readonly negativeTtlSeconds?: number | undefined;
  /**
   * How long a failed computation is cached, in seconds. Meanwhile callers get its error. @default 0, not at
   * all
   */
  readonly failureTtlSeconds?: number | undefined;
  /**
   * Labels for invalidation. An entry with tags is cached for at most 30 days. Tags of a call
   * are added to those of the cache.
   *
   * @default none
   */
  readonly tags?: readonly string[] | undefined;
  /**
   * Receives work that continues after the response. In Workers pass `(work) => ctx.waitUntil(work)`:
   * otherwise a Worker is stopped before it has replaced a stale entry.
   */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

export interface CacheOptions extends RecipeOptions, CachingOptions {
  /**
   * How long a caller that computes keeps others from computing the same, in seconds. Choose it longer than
   * any computation takes. If the caller dies or hangs, others wait this long. @default 30
   */
  readonly leaseSeconds?: number | undefined;
  /**
   * How long `compute` may take, in milliseconds, at most an hour. Then its signal aborts, and the call
   * rejects with `unavailable`. Handlers of `cached` have no such limit. @default leaseSeconds
   */
  readonly computeTimeoutMs?: number | undefined;
  /**
   * Replaces entries at random before they are stale, so that callers do not wait for it. 1 is usual, a
   * larger value means earlier. Slow computations are repeated earlier than fast ones. @default 0, never
   */
  readonly earlyRefresh?: number | undefined;
  /**
   * Receives errors that no caller gets: a failed refresh in the background, or a computed value that could
   * not be stored. @default they are ignored
   */
  readonly onError?: ((error: unknown, key: string) => void) | undefined;
  /**
   * Behaviour while the store is unavailable. `open`: every caller computes its value or calls its handler.
   * `throw`: the call rejects with `unavailable`. `delete` and the invalidations always reject.
   *
   * @default "open"
   */
  readonly onStoreError?: "open" | "throw" | undefined;
  /** @default "cache:" */
  readonly prefix?: string | undefined;
}

export const CACHING_OPTION_NAMES: OptionNames<CachingOptions> = {
  ttlSeconds: true,
  staleSeconds: true,
  negativeTtlSeconds: true,
  failureTtlSeconds: true,
  tags: true,
  waitUntil: true,
};

export const CACHE_OPTION_NAMES: OptionNames<CacheOptions> = {
  ...RECIPE_OPTION_NAMES,
  ...CACHING_OPTION_NAMES,
  leaseSeconds: true,
  computeTimeoutMs: true,
  earlyRefresh: true,
  onError: true,
  onStoreError: true,
};

/** The resolved options. */
export interface Caching {
  readonly freshMs: number;
  readonly staleMs: number;
  readonly negativeMs: number;
  readonly failureMs: number;
  readonly tags: readonly string[];
  readonly waitUntil: ((work: Promise<unknown>) => void) | undefined;
}

/** @throws KvError `option_invalid` */
export function cachingOf(options: CachingOptions, defaults: Caching): Caching {
  const { tags, waitUntil = defaults.waitUntil } = options;
  if (waitUntil !== undefined && typeof waitUntil !== "function") {
    throw invalidOption("waitUntil", waitUntil, "a function such as (work) => ctx.waitUntil(work)");
  }
  return {
    freshMs: milliseconds("ttlSeconds", options.ttlSeconds, defaults.freshMs),
    staleMs: milliseconds("staleSeconds", options.staleSeconds, defaults.staleMs),
    negativeMs: milliseconds("negativeTtlSeconds", options.negativeTtlSeconds, defaults.negativeMs),
    failureMs: milliseconds("failureTtlSeconds", options.failureTtlSeconds, defaults.failureMs),
    tags: tags === undefined ? defaults.tags : allTags([...defaults.tags, ...arrayOf(tags)]),
    waitUntil,
  };
}

/** @throws KvError `option_invalid` */
export function leaseMsOf({ leaseSeconds = 30 }: CacheOptions): number {
  return numberBetween("leaseSeconds", leaseSeconds, { min: 1, max: LEASE_SECONDS_MAX }) * 1000;
}

/** @throws KvError `option_invalid` */
export function computeTimeoutMsOf(options: CacheOptions): number {
  const { computeTimeoutMs = leaseMsOf(options) } = options;
  return numberBetween("computeTimeoutMs", computeTimeoutMs, { min: 1, max: LEASE_SECONDS_MAX * 1000 });
}

/** @throws KvError `option_invalid` */
export function earlyRefreshOf({ earlyRefresh = 0 }: CacheOptions): number {
  return numberBetween("earlyRefresh", earlyRefresh, { min: 0, max: 1000 });
}

export const UNLESS_TOLD: Caching = {
  freshMs: TTL_SECONDS * 1000,
  staleMs: 0,
  negativeMs: 0,
  failureMs: 0,
  tags: [],
  waitUntil: undefined,
};

function milliseconds(name: string, seconds: number | undefined, defaultMs: number): number {
  if (seconds === undefined) return defaultMs;
  // Distinguishes 0 from a missing option: an entry that is fresh for no time is an error.
  const min = name === "ttlSeconds" ? 0.001 : 0;
  return Math.round(numberBetween(name, seconds, { min, max: CACHE_SECONDS_MAX }) * 1000);
}

function arrayOf(tags: unknown): readonly string[] {
  if (Array.isArray(tags)) return tags;
  throw invalidOption("tags", tags, 'an array such as ["product:1"]');
}

/** @throws KvError `option_invalid` for a tag with the prefix of the cache's own tags */
export function callersTags(tags: readonly string[]): readonly string[] {
  const own = tags.find((tag) => typeof tag === "string" && tag.startsWith(RESPONSE_TAG));
  if (own !== undefined) throw invalidOption("tags", own, "tags that do not begin with a NUL character");
  for (const tag of tags) nonEmptyText("tag", tag);
  return tags;
}

function allTags(tags: readonly string[]): readonly string[] {
  const each = [...new Set(callersTags(tags))];
  if (each.length > TAGS_MAX) throw invalidOption("tags", `${each.length} tags`, `at most ${TAGS_MAX}`);
  return each;
}
