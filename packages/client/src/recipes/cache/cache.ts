import { KvError } from "../../namespace/errors.js";
import type { KVBinding } from "../../typed/binding.js";
import { type Guarantee, type GuaranteeOf, recipeBinding } from "../binding.js";
import { clientName } from "../client-key.js";
import { jsonText } from "../json.js";
import { assertKnownOptions } from "../known-options.js";
import { nonEmptyText, surroundings } from "../options.js";
import { storeErrorChoice } from "../store-errors.js";
import { CacheKeys } from "./cache-keys.js";
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
import {
  CachedResponses,
  RESPONSE_CACHING_OPTION_NAMES,
  type ResponseCachingOptions,
} from "./response/cached-responses.js";
import { responseName, responseTag } from "./response/response-key.js";
import { SingleFlight } from "./single-flight.js";

/** Where a value came from: found fresh, found stale, or computed for this call. */
export type CacheStatus = "hit" | "stale" | "miss";

export interface CachedValue<Value> {
  readonly value: Value;
  readonly status: CacheStatus;
  /** `default`: the store was away, and the value was computed for this call. */
  readonly source: "store" | "default";
}

export interface Cache<G extends Guarantee = Guarantee> {
  /**
   * `atomic`: what many want at once is computed once, in all processes together, and what was computed before a
   * `delete` or `invalidateTag` is given to nobody who asks after it. `best-effort`, on plain Workers KV: each process
   * computes once (in Workers each request), and what was being computed may come back after a delete.
   */
  readonly guarantee: G;
  /**
   * The cached value, or what `compute` makes of nothing; both as JSON has it, so that a hit and a miss are the same.
   * `null` is "there is none", kept for `negativeTtlSeconds`. If `compute` fails, its caller gets the error, and of
   * those who wait one tries again. It is ended after `computeTimeoutMs`, and gets a signal that says so.
   *
   * Requests: a hit is one; a miss three, or four where there was an entry, on plain Workers KV two. Tags, at most 90,
   * cost none.
   *
   * @throws KvError `option_invalid`; `value_invalid` for what JSON cannot say; `unavailable` while a
   *   failure is remembered, and for a computation that took too long
   */
  getOrSet<Value>(
    key: string,
    compute: (context: ComputeContext) => Value | Promise<Value>,
    options?: CachingOptions,
  ): Promise<Value>;
  /** The same, and where the value came from. */
  getOrSetWithStatus<Value>(
    key: string,
    compute: (context: ComputeContext) => Value | Promise<Value>,
    options?: CachingOptions,
  ): Promise<CachedValue<Value>>;
  /**
   * Whoever asks from now on computes anew. A URL, or a path where `key` names responses so, also removes every response
   * that `cached` keeps under it. One request; for a URL or a path on plain Workers KV two.
   */
  delete(key: string): Promise<void>;
  /** Makes all entries with the tag invalid, however many. One request. */
  invalidateTag(tag: string): Promise<void>;
  /** The same for several tags. One request; on plain Workers KV one for each. */
  invalidateTags(tags: readonly string[]): Promise<void>;
  /**
   * The answer to a request: cached, or from `handler`, as RFC 9111 allows a shared cache. `X-Cache` says `HIT`,
   * `STALE`, `MISS`, or `BYPASS` for what is no matter of a cache.
   *
   * - Only GET and HEAD are answered from the cache; another method that succeeds deletes what is cached of the URL.
   * - `ttlSeconds` is for responses without `max-age`, `s-maxage` and `Expires`, of the statuses 200, 203, 204, 300,
   *   301 and 308; `negativeTtlSeconds` for 404 and 410. Requests with `Cookie` or `Authorization` have no part in that.
   * - A response to a request with `Cookie` or `Authorization` is kept only if it says `public` or `s-maxage`.
   * - Never kept: `no-store`, `private`, `no-cache`, `Set-Cookie`, `Vary: *`, `Content-Encoding`, parts, bodies over
   *   10 MiB.
   *
   * Requests: a hit is one; two where the response has `Vary`.
   */
  cached(
    request: Request,
    handler: (request: Request) => Response | Promise<Response>,
    options?: ResponseCachingOptions,
  ): Promise<Response>;
}

/**
 * A cache in front of what is slow. Make one for each binding and keep it (see `perBinding`): it knows what this
 * process is computing.
 *
 * How old something is goes by the clock of whoever asks; processes whose clocks differ by a second disagree for that
 * second.
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
  ): Promise<CachedValue<Value>> {
    assertKnownOptions("getOrSet", overrides, CACHING_OPTION_NAMES);
    const caching = cachingOf(overrides, defaults);
    const name = await clientName(nonEmptyText("key", key));
    let computed: string | undefined;
    let begun = false;
    const textOf = async (stale: unknown) => {
      begun = true;
      const value = await computeWithin(compute, stale, { key, timeoutMs, timer: around.timer });
      return jsonText(value, `The value of ${JSON.stringify(key)}`);
    };
    try {
      const { entry, status } = await flight.obtain({
        key: name,
        ...caching,
        async compute(replaced) {
          const stale = replaced === null || replaced.failed ? undefined : JSON.parse(replaced.payload);
          computed = await textOf(stale);
          return {
            content:
              computed === "null"
                ? { payload: computed, freshMs: caching.negativeMs, staleMs: 0 }
                : { payload: computed, freshMs: caching.freshMs, staleMs: caching.staleMs },
          };
        },
      });
      if (entry?.failed) throw rememberedFailure(key, entry, around.nowMs());
      const text = (entry?.payload ?? computed) as string;
      return { value: JSON.parse(text) as Value, status, source: "store" };
    } catch (error) {
      if (begun || !passes(error)) throw error;
      return { value: JSON.parse(await textOf(undefined)) as Value, status: "miss", source: "default" };
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

function rememberedFailure(key: string, { payload, freshUntilMs }: CacheEntry, nowMs: number): KvError {
  const seconds = Math.max(1, Math.ceil((freshUntilMs - nowMs) / 1000));
  return new KvError("unavailable", `What ${JSON.stringify(key)} is computed by has failed: ${payload}`, {
    hint: `It is tried again in ${seconds} s.`,
  });
}
