/** What a limiter says about one check. */
export interface RateLimitResult extends Verdict {
  /**
   * What it goes by: the `store`; what this process remembers of a refusal (`memory`); or, while the store is away, what
   * `onStoreError` says (`default`).
   */
  readonly source: "store" | "memory" | "default";
}

/** What an algorithm says about one check. */
export interface Verdict {
  readonly allowed: boolean;
  readonly limit: number;
  /** How much may still be used now. */
  readonly remaining: number;
  /** Seconds until all of the limit is there again, if nobody asks meanwhile. */
  readonly resetSeconds: number;
  /** Seconds after which the same check may be allowed; 0 when it is. */
  readonly retryAfterSeconds: number;
}

/** The numbers of a limit, as an algorithm reckons with them. */
export interface Quota {
  readonly limit: number;
  readonly windowSeconds: number;
}

/** One way to count. The key is the caller's whole one, its prefix and parts included. */
export interface Counting {
  check(key: string, cost: number): Promise<Verdict>;
  /** What a check of cost 1 would be told, without using anything. */
  peek(key: string): Promise<Verdict>;
  reset(key: string): Promise<void>;
}

/** Whole seconds, so that who waits for them has waited long enough. */
export function secondsOf(ms: number): number {
  return Math.max(0, Math.ceil(ms / 1000));
}
