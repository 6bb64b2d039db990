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
 * write that waited for one of those would never end.
 */
export { clearInterval, setImmediate, setInterval, setTimeout };

/** Runs `callback` when the current one is over, before promise callbacks. */
export const { nextTick } = process;

/** Milliseconds since some moment, never going back. */
export const monotonicMs: () => number = performance.now.bind(performance);

/** What stands in for the replaced globals. A callback that is due later calls the system's timers again. */
const SYSTEM = {
  setImmediate: (callback: () => void) => setImmediate(() => withSystemTimers(callback)),
  clearImmediate,
  setTimeout: (callback: () => void, ms?: number) => setTimeout(() => withSystemTimers(callback), ms),
  clearTimeout,
  queueMicrotask: globalThis.queueMicrotask,
};

export function areTimersReplaced(): boolean {
  return globalThis.setImmediate !== setImmediate || globalThis.setTimeout !== setTimeout;
}

/** Calls `work`, code of others that takes its timers from the global object at each call, with the system's timers. */
export function withSystemTimers<T>(work: () => T): T {
  if (!areTimersReplaced()) return work();
  const { setImmediate, clearImmediate, setTimeout, clearTimeout, queueMicrotask } = globalThis;
  Object.assign(globalThis, SYSTEM);
  try {
    return work();
  } finally {
    Object.assign(globalThis, { setImmediate, clearImmediate, setTimeout, clearTimeout, queueMicrotask });
  }
}
