import { type RateLimit, type RateLimitOptions, rateLimit } from "../recipes/rate-limit/rate-limit.js";
import type { RateLimitResult } from "../recipes/rate-limit/result.js";
import { invalidOption, type RecipeOptions, wholeNumber } from "../recipes/shared/options.js";
import type { KVBinding } from "../typed/binding.js";
import { READY_PAUSE_MS_MAX } from "./limits.js";

type Unit = "ms" | "s" | "m" | "h" | "d" | "w";
/** As in `@upstash/ratelimit`: `"10 s"`, `"1m"`. */
export type Duration = `${number} ${Unit}` | `${number}${Unit}`;

/** A way to count, made by the static methods of {@link Ratelimit}. */
export type RatelimitAlgorithm = Pick<RateLimitOptions, "algorithm" | "limit" | "windowSeconds">;

export interface RatelimitConfig
  extends Pick<RecipeOptions, "prefix" | "require" | "clock" | "sleep" | "onOutage" | "timer" | "random"> {
  /** The namespace, in place of `redis`. */
  readonly kv: KVBinding;
  readonly limiter: RatelimitAlgorithm;
  /**
   * How long one request to the store may take, in milliseconds. After that the call passes, with the reason
   * `timeout`. @default 5_000, as in the original
   */
  readonly timeout?: number | undefined;
  /** Accepted and without effect: refused identifiers are always remembered in memory. */
  readonly ephemeralCache?: Map<string, number> | false | undefined;
  /** Accepted and without effect. */
  readonly analytics?: boolean | undefined;
}

export interface RatelimitResponse {
  readonly success: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** When the limit is whole again, or a refused call may pass: milliseconds since the epoch. */
  readonly reset: number;
  readonly pending: Promise<unknown>;
  /** `timeout`: the store was away. `cacheBlock`: refused without a request. */
  readonly reason?: "timeout" | "cacheBlock";
}

/**
 * A limiter with the shape of `@upstash/ratelimit`, on any KVNamespace. Replace its import, and `redis` by `kv`.
 *
 * With Kvasir's atomic operations it never lets through more than the limit. Windows are whole seconds. A token bucket
 * refills evenly and not once for each interval.
 *
 * Requests: those of the recipe `rateLimit`; none for an identifier that is known to be refused.
 *
 * @throws KvError `option_invalid`, `atomics_required`
 * @example
 * const ratelimit = new Ratelimit({ kv: env.LIMITS, limiter: Ratelimit.slidingWindow(10, "10 s") });
 * const { success } = await ratelimit.limit(user.id);
 */
export class Ratelimit {
  readonly #limiter: RateLimit;
  readonly #nowMs: () => number;
  readonly #sleep: (ms: number) => Promise<void>;

  /** `tokens` in any span of the length of `window`. */
  static slidingWindow(tokens: number, window: Duration): RatelimitAlgorithm {
    return { algorithm: "sliding-window", limit: tokens, windowSeconds: wholeSeconds(window) };
  }

  /** `tokens` in each window of the clock. */
  static fixedWindow(tokens: number, window: Duration): RatelimitAlgorithm {
    return { algorithm: "fixed-window", limit: tokens, windowSeconds: wholeSeconds(window) };
  }

  /** `maxTokens` at once, then `refillRate` in each interval, evenly. */
  static tokenBucket(refillRate: number, interval: Duration, maxTokens: number): RatelimitAlgorithm {
    const rate = wholeNumber("refillRate", refillRate, { min: 1 });
    const windowSeconds = Math.ceil((maxTokens / rate) * wholeSeconds(interval));
    return { algorithm: "token-bucket", limit: maxTokens, windowSeconds };
  }

  constructor(config: RatelimitConfig) {
    const { kv, limiter, timeout = 5_000, ephemeralCache: _, analytics: __, ...shared } = config;
    this.#limiter = rateLimit(kv, {
      prefix: "@upstash/ratelimit:",
      ...shared,
      ...limiter,
      timeoutMs: timeout,
    });
    const { clock } = config;
    this.#nowMs = clock === undefined ? Date.now : () => clock.nowMs();
    this.#sleep = config.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  }

  /** Uses `rate` of the identifier's limit, if that much is left. */
  readonly limit = async (
    identifier: string,
    { rate = 1 }: { readonly rate?: number } = {},
  ): Promise<RatelimitResponse> => {
    const nowMs = this.#nowMs();
    return this.#response(await this.#limiter.check(identifier, { cost: rate }), nowMs);
  };

  /** Waits until the identifier may pass, at most `timeout` milliseconds. */
  readonly blockUntilReady = async (identifier: string, timeout: number): Promise<RatelimitResponse> => {
    const endMs = this.#nowMs() + wholeNumber("timeout", timeout, { min: 1 });
    for (;;) {
      const response = await this.limit(identifier);
      const leftMs = endMs - this.#nowMs();
      if (response.success || leftMs <= 0) return response;
      const waitMs = Math.max(1, response.reset - this.#nowMs());
      await this.#sleep(Math.min(waitMs, leftMs, READY_PAUSE_MS_MAX));
    }
  };

  /** Gives the identifier its whole limit back. */
  readonly resetUsedTokens = (identifier: string): Promise<void> => this.#limiter.reset(identifier);

  /** What is left, without using anything. */
  readonly getRemaining = async (
    identifier: string,
  ): Promise<{ readonly remaining: number; readonly reset: number; readonly limit: number }> => {
    const nowMs = this.#nowMs();
    const { remaining, reset, limit } = this.#response(await this.#limiter.peek(identifier), nowMs);
    return { remaining, reset, limit };
  };

  #response(result: RateLimitResult, nowMs: number): RatelimitResponse {
    const { allowed, limit, remaining, resetSeconds, retryAfterSeconds, source } = result;
    const reason = source === "default" ? "timeout" : source === "memory" ? "cacheBlock" : undefined;
    return {
      success: allowed,
      limit,
      remaining,
      reset: nowMs + (allowed ? resetSeconds : retryAfterSeconds) * 1000,
      pending: Promise.resolve(),
      ...(reason !== undefined && { reason }),
    };
  }
}

const SECONDS: Readonly<Record<Unit, number>> = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

function wholeSeconds(duration: Duration): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d|w)$/.exec(duration) ?? [];
  const seconds = Number(number) * (SECONDS[unit as Unit] ?? Number.NaN);
  if (Number.isInteger(seconds) && seconds >= 1) return seconds;
  throw invalidOption("window", duration, 'whole seconds such as "10 s", "1 m" or "1 h"');
}
