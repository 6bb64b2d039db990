/** The result of one check. */
export interface RateLimitResult extends Verdict {
  /**
   * The basis of the result: the `store`; a rejection that this process remembers (`memory`); or, while the
   * store is unavailable, the option `onStoreError` (`default`).
   */
  readonly source: "store" | "memory" | "default";
}

/** An algorithm's result of one check. */
export interface Verdict {
  readonly allowed: boolean;
  readonly limit: number;
  /** How much can still be used now. */
  readonly remaining: number;
  /** Seconds until the whole limit is available again if nothing more is used. */
  readonly resetSeconds: number;
  /** Seconds after which the same check may be allowed. 0 if it was allowed. */
  readonly retryAfterSeconds: number;
}

/** The numbers of a limit that algorithms need. */
export interface Quota {
  readonly limit: number;
  readonly windowSeconds: number;
}

/** A way to count. The key is the complete one, including the prefix and all parts. */
export interface Counting {
  check(key: string, cost: number): Promise<Verdict>;
  /** The result of a check with cost 1, without using anything. */
  peek(key: string): Promise<Verdict>;
  reset(key: string): Promise<void>;
}

/** Rounds up to whole seconds, so that a client which waits that long has waited long enough. */
export function secondsOf(ms: number): number {
  return Math.max(0, Math.ceil(ms / 1000));
}
