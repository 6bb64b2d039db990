import { recipeBinding } from "../recipes/shared/binding.js";
import { clientKeyParts } from "../recipes/shared/client-key.js";
import { recipeKey } from "../recipes/shared/key.js";
import type { OptionNames } from "../recipes/shared/option-names.js";
import { RECIPE_OPTION_NAMES, type RecipeOptions, surroundings } from "../recipes/shared/options.js";
import { storeErrorChoice } from "../recipes/shared/store-errors.js";
import { storeTtl } from "../recipes/shared/store-ttl.js";
import type { KVBinding } from "../typed/binding.js";

export interface CachifiedCacheOptions extends RecipeOptions {
  /**
   * What happens while the store is away. `open`: reads find nothing, and writes and deletions are dropped, so that
   * cachified computes each value. `throw`: the calls reject, and so does cachified.
   *
   * @default "open"
   */
  readonly onStoreError?: "open" | "throw" | undefined;
  /** @default "cachified:" */
  readonly prefix?: string | undefined;
}

/** An entry of `@epic-web/cachified`. */
export interface CachifiedEntry<Value = unknown> {
  readonly value: Value;
  readonly metadata: {
    readonly createdTime: number;
    readonly ttl?: number | null;
    readonly swr?: number | null;
  };
}

/** The `Cache` of `@epic-web/cachified`. */
export interface CachifiedCache {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: cachified's own type of an entry's value
  get(key: string): Promise<CachifiedEntry<any> | null>;
  set(key: string, entry: CachifiedEntry): Promise<void>;
  delete(key: string): Promise<void>;
}

/**
 * A cache for `cachified()`. Values are stored as JSON, for as long as cachified may use them. One request for each call.
 *
 * While the store is away, cachified computes each value after `timeoutMs`, unless `onStoreError` says otherwise.
 *
 * @throws KvError `option_invalid`, `atomics_required`
 * @example
 * const user = await cachified({ cache: cachifiedCache(kv), key, ttl: 60_000, getFreshValue: () => loadUser(id) });
 */
export function cachifiedCache(kv: KVBinding, options: CachifiedCacheOptions = {}): CachifiedCache {
  const binding = recipeBinding(kv, { name: "cachifiedCache", options, optionNames: OPTION_NAMES });
  const onStoreError = storeErrorChoice(options.onStoreError, ["open", "throw"]);
  const { prefix } = surroundings(options, "cachified:");
  const keyOf = async (key: string) => recipeKey(prefix, ...(await clientKeyParts(key)));
  async function unlessAway<Result>(work: Promise<Result>): Promise<Result | null> {
    try {
      return await work;
    } catch (error) {
      if (onStoreError === "throw" || !binding.access.isTrouble(error)) throw error;
      return null;
    }
  }

  return {
    name: "kvasir",
    async get(key) {
      const text = await unlessAway(binding.kv.get(await keyOf(key)));
      if (text === null) return null;
      try {
        return JSON.parse(text) as CachifiedEntry;
      } catch {
        // Another program wrote it. The value is computed again.
        return null;
      }
    },
    async set(key, entry) {
      const ms = lifetimeMs(entry);
      // Without a lifetime cachified keeps the value until it is deleted.
      const expiry = Number.isFinite(ms) ? { expirationTtl: storeTtl(ms / 1000) } : {};
      await unlessAway(binding.kv.put(await keyOf(key), JSON.stringify(entry), expiry));
    },
    delete: async (key) => void (await unlessAway(binding.kv.delete(await keyOf(key)))),
  };
}

const OPTION_NAMES: OptionNames<CachifiedCacheOptions> = { ...RECIPE_OPTION_NAMES, onStoreError: true };

/** `null` and `undefined` have cachified's meanings: no end of `ttl`, no time in which a stale value is used. */
function lifetimeMs({ metadata: { ttl, swr } }: CachifiedEntry): number {
  return (ttl ?? Number.POSITIVE_INFINITY) + (swr ?? 0);
}
