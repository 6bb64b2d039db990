import { KvError } from "../../namespace/errors.js";
import type { Timer } from "../timer.js";
import { within } from "../within.js";

/** What a computation gets. */
export interface ComputeContext {
  /** Aborts when the computation takes too long: to be passed on, as in `fetch(url, { signal })`. */
  readonly signal: AbortSignal;
  /** The value that is served meanwhile, where it is stale; else `undefined`. */
  readonly stale: unknown;
}

export interface ComputationLimit {
  readonly key: string;
  readonly timeoutMs: number;
  readonly timer: Timer;
}

/**
 * Computes, but no longer than the limit: neither the caller nor those who wait for it may wait for ever for something
 * that hangs.
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
