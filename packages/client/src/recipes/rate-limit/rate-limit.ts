import { KvError } from "../../namespace/errors.js";
import type { KVBinding } from "../../typed/binding.js";
import { type Guarantee, type GuaranteeOf, type RecipeBinding, recipeBinding } from "../shared/binding.js";
import { clientKeyParts } from "../shared/client-key.js";
import { recipeKey } from "../shared/key.js";
import { assertKnownOptions } from "../shared/known-options.js";
import { STORE_RETRY_SECONDS } from "../shared/limits.js";
import type { OptionNames } from "../shared/option-names.js";
import {
  invalidOption,
  RECIPE_OPTION_NAMES,
  type RecipeOptions,
  type RecipeSurroundings,
  surroundings,
  wholeNumber,
} from "../shared/options.js";
import { storeErrorChoice } from "../shared/store-errors.js";
import { fixedWindow } from "./fixed-window.js";
import { type RateLimitHeaderStyle, type RateLimitPolicy, rateLimitHeaders } from "./headers.js";
import { POLICY_NAME_LENGTH_MAX, RATE_LIMIT_MAX, WINDOW_SECONDS_MAX } from "./limits.js";
import { meteredEntry } from "./metered-entry.js";
import { Refusals } from "./refusals.js";
import type { Counting, Quota, RateLimitResult, Verdict } from "./result.js";
import { slidingWindow } from "./sliding-window.js";
import { tokenBucket } from "./token-bucket.js";

/**
 * - `fixed-window`: `limit` in each window of the clock, such as each minute. One request for each check. Around
 *   the boundary of two windows, twice the limit may follow each other.
 * - `sliding-window`: `limit` in any span of a window's length. Two requests for a
 *   check, one if it is rejected.
 * - `token-bucket`: `limit` at once, then `limit / windowSeconds` a second, evenly.
 *   Requests as for `sliding-window`.
 */
export type RateLimitAlgorithm = "fixed-window" | "sliding-window" | "token-bucket";

export interface RateLimitOptions extends RecipeOptions {
  /** How much may be used in a window. */
  readonly limit: number;
  readonly windowSeconds: number;
  /** @default "sliding-window" */
  readonly algorithm?: RateLimitAlgorithm | undefined;
  /**
   * The name of this limit in headers and 429 responses. Limits with different names are counted separately.
   *
   * @default "default"
   */
  readonly name?: string | undefined;
  /**
   * The result of a check while the store is unavailable. `open`: allowed. `closed`: rejected (503 in the
   * middleware). `throw`: the check rejects with `unavailable`. A function decides by itself. The same
   * applies under too much contention (`contended`).
   *
   * @default "open"
   */
  readonly onStoreError?: "open" | "closed" | "throw" | ((key: string) => boolean) | undefined;
  /** @default "rate-limit:" */
  readonly prefix?: string | undefined;
}

export interface RateLimit<G extends Guarantee = Guarantee> {
  /**
   * `atomic`: never more than the limit, also under concurrency. `best-effort`, on plain Workers KV: requests
   * that come at the same moment, or before a write has spread, may all be allowed.
   */
  readonly guarantee: G;
  readonly policy: RateLimitPolicy;
  /**
   * Uses `cost` of the limit of `key`, if that much is left. A rejected check uses nothing. A key
   * may be any string, because clients choose it. An empty string is a key of its own, and a long
   * key is counted by its SHA-256.
   *
   * While a rejected check is certain to be rejected again, repeating it costs no request. A reset by another
   * process is seen only after that.
   *
   * If a response is lost (`unavailable`), the check may have been counted. A repetition then counts twice,
   * so fewer requests may be allowed, but never more.
   *
   * @throws KvError `option_invalid`; with `onStoreError: "throw"` also `unavailable`, and `contended` after
   *   too many concurrent changes (not with fixed windows)
   */
  check(
    key: string,
    options?: { /** @default 1 */ readonly cost?: number | undefined },
  ): Promise<RateLimitResult>;
  /** The result of a check with cost 1, without using anything. One read. */
  peek(key: string): Promise<RateLimitResult>;
  /** Restores the whole limit of `key`. One delete. */
  reset(key: string): Promise<void>;
  /** The headers that tell a client the result of `check`. */
  headers(result: RateLimitResult, style?: RateLimitHeaderStyle): Record<string, string>;
}

/**
 * Limits how often something happens for each key: a client's address, a user, a token.
 *
 * Windows follow the caller's clock. Processes whose clocks differ by a second disagree
 * about the window for that second.
 *
 * @throws KvError `option_invalid`, `key_too_long` for a prefix
 * @example
 * const limiter = rateLimit(env.LIMITS, { limit: 100, windowSeconds: 60 });
 * const result = await limiter.check(user.id);
 * if (!result.allowed) return new Response("Too many requests", { status: 429,
 * headers: limiter.headers(result) });
 */
export function rateLimit<Binding extends KVBinding>(
  kv: Binding,
  options: RateLimitOptions,
): RateLimit<GuaranteeOf<Binding>> {
  const binding = recipeBinding(kv, { name: "rateLimit", options, optionNames: OPTION_NAMES });
  const limit = wholeNumber("limit", options.limit, { min: 1, max: RATE_LIMIT_MAX });
  const windowSeconds = wholeNumber("windowSeconds", options.windowSeconds, {
    min: 1,
    max: WINDOW_SECONDS_MAX,
  });
  const policy = { name: policyName(options.name), limit, windowSeconds };
  const around = surroundings(options, "rate-limit:");
  const algorithm = options.algorithm ?? "sliding-window";
  const storeErrors = onStoreErrorOf(options.onStoreError);
  const refusals = new Refusals();
  /** Whether a check with a cost above 1 was made. It may free what caused another check to be rejected. */
  let costsMore = false;
  /** The number of resets. The result of a check that was in flight during a reset is not remembered. */
  let resets = 0;
  const counting = countingBy(algorithm, binding, policy, around);
  // Separate keys for each algorithm and window, so that a changed one never reads the old one's state.
  const kind = `${algorithm}-${windowSeconds}`;
  const keyOf = async (key: string) => {
    if (typeof key !== "string") throw invalidOption("key", key, "a string");
    return counterOf(await clientKeyParts(key));
  };
  const counterOf = (parts: readonly string[]) => recipeKey(around.prefix, policy.name, ...parts, kind);
  const isStoreError = (error: unknown) =>
    binding.access.isTrouble(error) || (error instanceof KvError && error.code === "contended");
  // A prefix that is too long fails here instead of at a request.
  counterOf(["sha256", "0".repeat(64)]);

  return {
    guarantee: (binding.atomic === undefined ? "best-effort" : "atomic") as GuaranteeOf<Binding>,
    policy,
    async check(key, options = {}) {
      assertKnownOptions("check", options, { cost: true });
      const cost = wholeNumber("cost", options.cost ?? 1, { min: 1, max: limit });
      const counter = await keyOf(key);
      // The time before the check: the duration of a rejection starts when it was decided, not when it
      // arrived.
      const nowMs = around.nowMs();
      const remembered = refusals.verdict(counter, cost, nowMs);
      if (remembered !== undefined) return { ...remembered, source: "memory" };
      costsMore ||= cost > 1;
      const resetsBefore = resets;
      try {
        const verdict = await counting.check(counter, cost);
        const mayBeGivenBack = costsMore && algorithm === "fixed-window";
        if (!mayBeGivenBack && resets === resetsBefore) refusals.note(counter, cost, verdict, nowMs);
        return { ...verdict, source: "store" };
      } catch (error) {
        if (!isStoreError(error)) throw error;
        return { ...withoutStore(policy, cost, storeErrors, { key, error }), source: "default" };
      }
    },
    peek: async (key) => ({ ...(await counting.peek(await keyOf(key))), source: "store" }),
    async reset(key) {
      const counter = await keyOf(key);
      try {
        await counting.reset(counter);
      } finally {
        resets++;
        refusals.forget(counter);
      }
    },
    headers: (result, style) => rateLimitHeaders(result, policy, style),
  };
}

const OPTION_NAMES: OptionNames<RateLimitOptions> = {
  ...RECIPE_OPTION_NAMES,
  limit: true,
  windowSeconds: true,
  algorithm: true,
  onStoreError: true,
  name: true,
};

function countingBy(
  algorithm: RateLimitAlgorithm,
  binding: RecipeBinding,
  quota: Quota,
  around: RecipeSurroundings,
): Counting {
  switch (algorithm) {
    case "fixed-window":
      return fixedWindow(binding, quota, around);
    case "sliding-window":
      return meteredEntry(binding, slidingWindow(quota), around);
    case "token-bucket":
      return meteredEntry(binding, tokenBucket(quota), around);
    default:
      throw invalidOption("algorithm", algorithm, "fixed-window, sliding-window or token-bucket");
  }
}

type OnStoreError = NonNullable<RateLimitOptions["onStoreError"]>;

function onStoreErrorOf(value: OnStoreError | undefined): OnStoreError {
  return typeof value === "function" ? value : storeErrorChoice(value, ["open", "closed", "throw"]);
}

/** The result of a check while the state of the key is unknown. */
function withoutStore(
  { limit, windowSeconds }: Quota,
  cost: number,
  onStoreError: OnStoreError,
  { key, error }: { readonly key: string; readonly error: unknown },
): Verdict {
  if (onStoreError === "throw") throw error;
  const allowed = typeof onStoreError === "function" ? onStoreError(key) : onStoreError === "open";
  return {
    allowed,
    limit,
    remaining: allowed ? limit - cost : 0,
    resetSeconds: windowSeconds,
    retryAfterSeconds: allowed ? 0 : STORE_RETRY_SECONDS,
  };
}

/** The name becomes a string of a structured field, which must be printable ASCII. */
function policyName(name: unknown = "default"): string {
  if (typeof name === "string" && /^[\x20-\x7e]+$/.test(name) && name.length <= POLICY_NAME_LENGTH_MAX) {
    return name;
  }
  throw invalidOption("name", name, `1 to ${POLICY_NAME_LENGTH_MAX} characters of printable ASCII`);
}
