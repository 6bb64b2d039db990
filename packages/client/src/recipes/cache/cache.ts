import { KvError } from "../../namespace/errors.js";
import type { KVBinding } from "../../typed/binding.js";
import { type Guarantee, type GuaranteeOf, recipeBinding } from "../shared/binding.js";
import { clientName } from "../shared/client-key.js";
import { type JsonOf, jsonText } from "../shared/json.js";
import { assertKnownOptions } from "../shared/known-options.js";
import { nonEmptyText, surroundings } from "../shared/options.js";
import { storeErrorChoice } from "../shared/store-errors.js";
import { CacheKeys } from "./cache-keys.js";
import {
  CachedResponses,
  RESPONSE_CACHING_OPTION_NAMES,
  type ResponseCachingOptions,
} from "./cached-responses.js";
import { type ComputeContext, computeWithin } from "./computation.js";
import { CacheEntries } from "./entries.js";
import type { CacheEntry } from "./entry.js";
import {
  CACHE_OPTION_NAMES,
  CACHING_OPTION_NAMES,
  type CacheOptions,
  type CachingOptions,
  cachingOf,
  callersTags,
  computeTimeoutMsOf,
  earlyRefreshOf,
  leaseMsOf,
  UNLESS_TOLD,
} from "./options.js";
import { responseName, responseTag } from "./response-key.js";
import { SingleFlight } from "./single-flight.js";

/** The origin of a value: found fresh, found stale, or computed for this call. */
export type CacheStatus = "hit" | "stale" | "miss";

export interface CachedValue<Value> {
  readonly value: Value;
  readonly status: CacheStatus;
  /** `default`: the store was unavailable, and the value was computed for this call. */
  readonly source: "store" | "default";
}

export interface Cache<G extends Guarantee = Guarantee> {
  /**
   * `atomic`: concurrent calls for one key compute it once, over all processes. A value whose computation
   * began before a `delete` or `invalidateTag` is never returned to calls that come after it. `best-effort`,
   * on plain Workers KV: each process computes once (in Workers each request), and a value that was being
   * computed may come back after a delete.
   */
  readonly guarantee: G;
  /**
   * Returns the cached value, or computes and caches it. Values pass through JSON in both cases, so that a
   * hit and a miss return the same: a `Date` is a string in both. `compute` gets a context, to which it can
   * assign `ttlSeconds`, `tags` and `skip`. `null` means "no value" and is cached for `negativeTtlSeconds`. If
   * `compute` fails, its caller gets the error, and one of the waiting callers tries again. `compute` is
   * stopped after `computeTimeoutMs`: its signal aborts.
   *
   * Requests: one for a hit; three for a miss, or four if there was an entry; two for a miss on plain Workers
   * KV. Up to 90 tags cost no further request.
   *
   * @throws KvError `option_invalid`; `value_invalid` for a value that JSON cannot represent; `unavailable`
   *   while a failure is cached, and if the computation takes too long
   */
  getOrSet<Value>(
    key: string,
    compute: (context: ComputeContext) => Value | Promise<Value>,
    options?: CachingOptions,
  ): Promise<JsonOf<Value>>;
  /** Like `getOrSet`, but also returns the origin of the value. */
  getOrSetWithStatus<Value>(
    key: string,
    compute: (context: ComputeContext) => Value | Promise<Value>,
    options?: CachingOptions,
  ): Promise<CachedValue<JsonOf<Value>>>;
  /**
   * Deletes an entry, so that later calls compute it again. For a URL, or for a path if `key` names
   * responses that way, it also removes all responses that `cached` stores under it. One request; two for a
   * URL or a path on plain Workers KV.
   */
  delete(key: string): Promise<void>;
  /** Invalidates all entries with the tag, regardless of their number. One request. */
  invalidateTag(tag: string): Promise<void>;
  /** Like `invalidateTag`, for several tags. One request; on plain Workers KV one for each tag. */
  invalidateTags(tags: readonly string[]): Promise<void>;
  /**
   * Returns the response to a request: from the cache, or from `handler`. It follows the rules of RFC
   * 9111 for a shared cache. The header `X-Cache` is `HIT`, `STALE`, `MISS`, or `BYPASS` for a request
   * that the cache does not handle. `Cache-Status` (RFC 9211) says the same in detail.
   *
   * - Only GET and HEAD are served from the cache. A successful request with another method deletes the
   *   cached responses of its URL.
   * - `ttlSeconds` applies to responses without `max-age`, `s-maxage` and `Expires`, with status 200, 203,
   *   204, 300, 301 or 308. `negativeTtlSeconds` applies to 404 and 410. Neither applies to requests with
   *   `Cookie` or `Authorization`.
   * - A response to a request with `Cookie` or `Authorization` is stored only if it has `public` or
   *   `s-maxage`.
   * - A client cannot make the cache call the handler while it has a response, unless `clientsMayBypass`.
   * - Never stored: `no-store`, `private`, `no-cache`, `Set-Cookie`, `Vary: *`, `Content-Encoding`, partial
   *   responses, bodies over 10 MiB.
   *
   * Requests: one for a hit; two if the response has `Vary`.
   */
  cached(
    request: Request,
    handler: (request: Request) => Response | Promise<Response>,
    options?: ResponseCachingOptions,
  ): Promise<Response>;
}

/**
 * A cache in front of slow work. Create one for each binding and keep it (see `perBinding`): it knows
 * the computations of this process.
 *
 * The age of an entry is measured by the clock of the reader. Processes whose clocks differ by a
 * second disagree for that second.
 *
 * @throws KvError `option_invalid`
 * @example
 * const pages = cache(env.CACHE, { ttlSeconds: 300, staleSeconds: 60 });
 * const product = await pages.getOrSet(`product:${id}`, () => loadProduct(id), { tags: ["products"] });
 */
export function cache<Binding extends KVBinding>(
  kv: Binding,
  options: CacheOptions = {},
): Cache<GuaranteeOf<Binding>> {
  const binding = recipeBinding(kv, { name: "cache", options, optionNames: CACHE_OPTION_NAMES });
  const around = surroundings(options, "cache:");
  const defaults = cachingOf(options, UNLESS_TOLD);
  const timeoutMs = computeTimeoutMsOf(options);
  const entries = new CacheEntries(binding, new CacheKeys(around.prefix));
  const onStoreError = storeErrorChoice(options.onStoreError, ["open", "throw"]);
  const passes = (error: unknown) => onStoreError === "open" && binding.access.isTrouble(error);
  const onError = options.onError ?? (() => {});
  const flight = new SingleFlight(entries, {
    ...around,
    leaseMs: leaseMsOf(options),
    earlyRefresh: earlyRefreshOf(options),
    onError,
    isAway: (error) => binding.access.isTrouble(error),
  });
  const responses = new CachedResponses(flight, { nowMs: around.nowMs, onError, passes });

  async function getOrSetWithStatus<Value>(
    key: string,
    compute: (context: ComputeContext) => Value | Promise<Value>,
    overrides: CachingOptions = {},
  ): Promise<CachedValue<JsonOf<Value>>> {
    assertKnownOptions("getOrSet", overrides, CACHING_OPTION_NAMES);
    const caching = cachingOf(overrides, defaults);
    const name = await clientName(nonEmptyText("key", key));
    let computed: string | undefined;
    let begun = false;
    const computeText = async (stale: unknown) => {
      begun = true;
      const { value, ...decided } = await computeWithin(compute, stale, {
        key,
        timeoutMs,
        timer: around.timer,
      });
      const text = jsonText(value, `The value of ${JSON.stringify(key)}`);
      // Checks what was decided, even if it has no effect.
      const { ttlSeconds, tags } = decided;
      return { text, ...cachingOf({ ttlSeconds, tags }, { ...caching, tags: [] }), skip: decided.skip };
    };
    try {
      const { entry, status } = await flight.obtain({
        key: name,
        ...caching,
        async compute(replaced) {
          const stale = replaced === null || replaced.failed ? undefined : JSON.parse(replaced.payload);
          const { text, freshMs, staleMs, negativeMs, tags, skip } = await computeText(stale);
          computed = text;
          const lifetime = text === "null" ? { freshMs: negativeMs, staleMs: 0 } : { freshMs, staleMs };
          return { content: { payload: text, ...(skip ? NOT_KEPT : lifetime) }, tags };
        },
      });
      if (entry?.failed) throw rememberedFailure(key, entry, around.nowMs());
      const text = (entry?.payload ?? computed) as string;
      return { value: JSON.parse(text), status, source: "store" };
    } catch (error) {
      if (begun || !passes(error)) throw error;
      const { text } = await computeText(undefined);
      return { value: JSON.parse(text), status: "miss", source: "default" };
    }
  }

  return {
    guarantee: (binding.atomic === undefined ? "best-effort" : "atomic") as GuaranteeOf<Binding>,
    getOrSetWithStatus,
    getOrSet: async (key, compute, overrides) => (await getOrSetWithStatus(key, compute, overrides)).value,
    delete: async (key) => {
      const page = responseName(nonEmptyText("key", key));
      await flight.delete(await clientName(key), page === undefined ? [] : [await responseTag(page)]);
    },
    invalidateTag: async (tag) => flight.invalidate(callersTags([tag])),
    invalidateTags: async (tags) => flight.invalidate(callersTags(tags)),
    async cached(request, handler, overrides = {}) {
      assertKnownOptions("cached", overrides, RESPONSE_CACHING_OPTION_NAMES);
      return responses.answer(request, handler, { ...overrides, ...cachingOf(overrides, defaults) });
    },
  };
}

const NOT_KEPT = { freshMs: 0, staleMs: 0 };

function rememberedFailure(key: string, { payload, freshUntilMs }: CacheEntry, nowMs: number): KvError {
  const seconds = Math.max(1, Math.ceil((freshUntilMs - nowMs) / 1000));
  return new KvError("unavailable", `What ${JSON.stringify(key)} is computed by has failed: ${payload}`, {
    hint: `It is tried again in ${seconds} s.`,
  });
}
