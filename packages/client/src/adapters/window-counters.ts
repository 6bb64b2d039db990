import { recipeBinding } from "../recipes/shared/binding.js";
import { clientKeyParts } from "../recipes/shared/client-key.js";
import { recipeKey } from "../recipes/shared/key.js";
import { SPAN_SECONDS_MAX } from "../recipes/shared/limits.js";
import type { OptionNames } from "../recipes/shared/option-names.js";
import {
  numberBetween,
  RECIPE_OPTION_NAMES,
  type RecipeOptions,
  surroundings,
} from "../recipes/shared/options.js";
import { storeErrorChoice } from "../recipes/shared/store-errors.js";
import { storeTtl } from "../recipes/shared/store-ttl.js";
import type { KVBinding } from "../typed/binding.js";
import { COUNTED_KEYS_MAX, WINDOW_MARGIN_SECONDS } from "./limits.js";

export interface WindowCountersOptions extends RecipeOptions {
  /**
   * What happens to a request while the store is away. `open`: it passes. `closed`: the middleware gets an error with
   * the status 503.
   *
   * @default "open"
   */
  readonly onStoreError?: "open" | "closed" | undefined;
  /** Two limiters on one namespace need different prefixes. @default "rate-limit:" */
  readonly prefix?: string | undefined;
}

/** What a middleware tells its store. */
export interface WindowSettings {
  readonly windowMs: number;
  readonly limit?: unknown;
  readonly skipFailedRequests?: boolean | undefined;
  readonly skipSuccessfulRequests?: boolean | undefined;
}

export interface ClientHits {
  readonly totalHits: number;
  readonly resetTime: Date;
}

/** The `Store` of `express-rate-limit` and `hono-rate-limiter`. */
export interface WindowCounters {
  readonly prefix: string;
  readonly localKeys: false;
  init(settings: WindowSettings): void;
  get(key: string): Promise<ClientHits | undefined>;
  increment(key: string): Promise<ClientHits>;
  decrement(key: string): Promise<void>;
  resetKey(key: string): Promise<void>;
}

const OPTION_NAMES: OptionNames<WindowCountersOptions> = { ...RECIPE_OPTION_NAMES, onStoreError: true };

/** Counts hits of clients in windows of the clock. One request for each hit; none for a client known to be over. */
export function windowCounters(
  kv: KVBinding,
  { name, options }: { readonly name: string; readonly options: WindowCountersOptions },
): WindowCounters {
  const binding = recipeBinding(kv, { name, options, optionNames: OPTION_NAMES });
  const { kv: namespace, atomic, access } = binding;
  const { prefix, nowMs } = surroundings(options, "rate-limit:");
  const onStoreError = storeErrorChoice(options.onStoreError, ["open", "closed"]);
  let windowMs = 60_000;
  /** The most hits that pass, if hits are never taken back. */
  let limit: number | undefined;
  const refused = new Map<string, { readonly totalHits: number; readonly untilMs: number }>();

  async function counterOf(key: string): Promise<{ readonly counter: string; readonly untilMs: number }> {
    const window = Math.floor(nowMs() / windowMs);
    return {
      counter: recipeKey(prefix, ...(await clientKeyParts(key)), `${windowMs}-${window}`),
      untilMs: (window + 1) * windowMs,
    };
  }

  async function add(key: string, by: number): Promise<ClientHits> {
    const { counter, untilMs } = await counterOf(key);
    const resetTime = new Date(untilMs);
    const known = refused.get(counter);
    if (known !== undefined && by > 0) return { totalHits: known.totalHits, resetTime };
    const expirationTtl = storeTtl((untilMs - nowMs()) / 1000 + WINDOW_MARGIN_SECONDS);
    let totalHits: number;
    if (atomic === undefined) {
      totalHits = Math.max(0, (Number(await namespace.get(counter)) || 0) + by);
      await namespace.put(counter, String(totalHits), { expirationTtl });
    } else {
      totalHits = await atomic.increment(counter, by, { expirationTtl });
    }
    if (limit !== undefined && totalHits > limit) {
      refused.set(counter, { totalHits, untilMs });
      if (refused.size > COUNTED_KEYS_MAX) refused.delete(refused.keys().next().value as string);
    }
    return { totalHits, resetTime };
  }

  return {
    prefix,
    localKeys: false,
    init(settings) {
      windowMs = numberBetween("windowMs", settings.windowMs, { min: 1, max: SPAN_SECONDS_MAX * 1000 });
      const takesBack = settings.skipFailedRequests === true || settings.skipSuccessfulRequests === true;
      limit = typeof settings.limit === "number" && !takesBack ? settings.limit : undefined;
    },
    async get(key) {
      const { counter, untilMs } = await counterOf(key);
      const text = await namespace.get(counter);
      return text === null ? undefined : { totalHits: Number(text) || 0, resetTime: new Date(untilMs) };
    },
    async increment(key) {
      try {
        return await add(key, 1);
      } catch (error) {
        if (!access.isTrouble(error)) throw error;
        if (onStoreError === "closed") throw Object.assign(error as Error, { status: 503 });
        // The middleware accepts no smaller number.
        return { totalHits: 1, resetTime: new Date(nowMs() + windowMs) };
      }
    },
    async decrement(key) {
      try {
        await add(key, -1);
      } catch (error) {
        if (!access.isTrouble(error)) throw error;
      }
    },
    async resetKey(key) {
      const { counter } = await counterOf(key);
      refused.delete(counter);
      await namespace.delete(counter);
    },
  };
}
