import {
  clearImmediate,
  clearInterval,
  clearTimeout,
  setImmediate,
  setInterval,
  setTimeout,
} from "node:timers";

/**
 * The system's timers, for the code that drives the store. Test tools replace the global ones
 * (`vi.useFakeTimers()`), and a write that waited for a fake timer would never end.
 */
export { clearInterval, clearTimeout, setImmediate, setInterval, setTimeout };

/** Runs `callback` when the current callback is over, before promise callbacks. */
export const { nextTick } = process;

/** Milliseconds since an arbitrary moment. Never goes back. */
export const monotonicMs: () => number = performance.now.bind(performance);

/** The stand-ins for the replaced globals. A callback that runs later also gets the system's timers. */
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

/**
 * Calls `work` with the system's timers in place of fake ones. For code of others that reads its timers from
 * the global object at each call.
 */
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
