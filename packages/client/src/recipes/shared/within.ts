import type { Timer } from "./timer.js";

export interface Waiting<Result> {
  readonly ms: number;
  readonly timer: Timer;
  /** Provides the result when the time is over; may throw. */
  readonly late: () => Result;
}

/**
 * Waits for work with a time limit. The timer is cancelled when the work ends, so that it
 * does not keep the process alive.
 */
export function within<Result>(work: Promise<Result>, { ms, timer, late }: Waiting<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const stop = timer(() => {
      try {
        resolve(late());
      } catch (error) {
        reject(error);
      }
    }, ms);
    work.then(resolve, reject).finally(stop);
  });
}
