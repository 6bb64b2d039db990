import type { Timer } from "./timer.js";

export interface Waiting<Result> {
  readonly ms: number;
  readonly timer: Timer;
  /** What comes of it when the time is over; may throw. */
  readonly late: () => Result;
}

/** Waits for work, but only so long. The timer ends with the work, so that it keeps no process alive. */
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
