import {
  clearImmediate,
  clearInterval,
  clearTimeout,
  setImmediate,
  setInterval,
  setTimeout,
} from "node:timers";

/**
 * The timers of the system, for what drives the store. Test tools replace the global ones (`vi.useFakeTimers()`), and a
 * write that waits for one of those would never end.
 */
export { clearImmediate, clearInterval, clearTimeout, setImmediate, setInterval, setTimeout };

/** Runs `callback` when the current one is over, before promise callbacks. */
export const { nextTick } = process;

/** Milliseconds since some moment, never going back. */
export const monotonicMs: () => number = performance.now.bind(performance);
