import { KvError } from "../../namespace/errors.js";
import type { Timer } from "../shared/timer.js";
import { within } from "../shared/within.js";

/** The argument of a computation. What it assigns replaces the options of the call. */
export interface ComputeContext {
  /** Aborts when the computation takes too long. Pass it on, as in `fetch(url, { signal })`. */
  readonly signal: AbortSignal;
  /** The stale value that is served meanwhile, or `undefined`. */
  readonly stale: unknown;
  /** How long this value is fresh, in seconds. */
  ttlSeconds: number | undefined;
  /**
   * More labels for this value. An invalidation that happens while it is computed counts too; for a label that
   * the replaced entry did not have, by the clocks of the two processes.
   */
  tags: readonly string[];
  /** Whether this value is returned but not cached. */
  skip: boolean;
}

/** A computed value, and what its computation decided. */
export interface Computation<Value> extends Pick<ComputeContext, "ttlSeconds" | "tags" | "skip"> {
  readonly value: Value;
}

export interface ComputationLimit {
  readonly key: string;
  readonly timeoutMs: number;
  readonly timer: Timer;
}

/**
 * Runs a computation within its time limit: neither the caller nor the waiting callers may wait
 * forever for a computation that hangs.
 *
 * @throws KvError `unavailable` when the time is over
 */
export async function computeWithin<Value>(
  compute: (context: ComputeContext) => Value | Promise<Value>,
  stale: unknown,
  { key, timeoutMs, timer }: ComputationLimit,
): Promise<Computation<Value>> {
  const controller = new AbortController();
  const context: ComputeContext = {
    signal: controller.signal,
    stale,
    ttlSeconds: undefined,
    tags: [],
    skip: false,
  };
  const work = Promise.resolve(compute(context));
  const value = await within(work, {
    ms: timeoutMs,
    timer,
    late: () => {
      const error = tooLate(key, timeoutMs);
      controller.abort(error);
      throw error;
    },
  });
  const { ttlSeconds, tags, skip } = context;
  return { value, ttlSeconds, tags, skip };
}

function tooLate(key: string, timeoutMs: number): KvError {
  return new KvError("unavailable", `${JSON.stringify(key)} was not computed within ${timeoutMs} ms.`, {
    hint: "Pass the signal on to what the computation waits for, or raise computeTimeoutMs and leaseSeconds.",
  });
}
