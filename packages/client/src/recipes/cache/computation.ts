import { KvError } from "../../namespace/errors.js";
import type { Timer } from "../shared/timer.js";
import { within } from "../shared/within.js";

/** The argument of a computation. */
export interface ComputeContext {
  /** Aborts when the computation takes too long. Pass it on, as in `fetch(url, { signal })`. */
  readonly signal: AbortSignal;
  /** The stale value that is served meanwhile, or `undefined`. */
  readonly stale: unknown;
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
): Promise<Value> {
  const controller = new AbortController();
  const work = Promise.resolve(compute({ signal: controller.signal, stale }));
  return within(work, {
    ms: timeoutMs,
    timer,
    late: () => {
      const error = tooLate(key, timeoutMs);
      controller.abort(error);
      throw error;
    },
  });
}

function tooLate(key: string, timeoutMs: number): KvError {
  return new KvError("unavailable", `${JSON.stringify(key)} was not computed within ${timeoutMs} ms.`, {
    hint: "Pass the signal on to what the computation waits for, or raise computeTimeoutMs and leaseSeconds.",
  });
}
