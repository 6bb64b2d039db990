import { KvError } from "../namespace/errors.js";
import { CLOCK_STEP_BACK_MS_MAX } from "./limits.js";

/** Where a recipe reads the time. The clocks of `@kvasir/store`, its `FakeClock` too, are such. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
}

const systemClock: Clock = { nowMs: () => Date.now() };

/**
 * The time for what is reckoned from it: windows, expiries. A step back (time synchronisation, a machine that was
 * restored) holds it still for a second at most; then it goes on from the new time, for an application must not stand
 * still because its clock was wrong before.
 *
 * @throws KvError `option_invalid` from the returned function, for a clock that answers no number
 */
export function recoveringClock(clock: Clock = systemClock): () => number {
  let latestMs = Number.NEGATIVE_INFINITY;
  /** The clock's new time when it was first seen behind; `null` while it is not. */
  let steppedBackToMs: number | null = null;
  return () => {
    const nowMs = read(clock);
    if (nowMs >= latestMs) {
      steppedBackToMs = null;
      latestMs = nowMs;
      return nowMs;
    }
    // Stepped again: the hold begins anew.
    if (steppedBackToMs === null || nowMs < steppedBackToMs) steppedBackToMs = nowMs;
    if (nowMs - steppedBackToMs < CLOCK_STEP_BACK_MS_MAX) return latestMs;
    steppedBackToMs = null;
    latestMs = nowMs;
    return nowMs;
  };
}

/**
 * The time for a lock: it never goes back. A small step back holds it still; a large one is an error, for who holds a
 * lock by such a clock cannot tell whether it still does.
 *
 * @throws KvError `clock_backwards` from the returned function
 */
export function steadyClock(clock: Clock = systemClock): () => number {
  let latestMs = Number.NEGATIVE_INFINITY;
  return () => {
    const nowMs = read(clock);
    if (latestMs - nowMs > CLOCK_STEP_BACK_MS_MAX) {
      throw new KvError("clock_backwards", `The clock went back by ${latestMs - nowMs} ms.`, {
        hint: "Correct this machine's clock; if its new time is the right one, start the process again.",
      });
    }
    latestMs = Math.max(latestMs, nowMs);
    return latestMs;
  };
}

function read(clock: Clock): number {
  const nowMs = clock.nowMs();
  if (Number.isFinite(nowMs)) return nowMs;
  throw new KvError("option_invalid", `The clock answered ${String(nowMs)}.`, {
    hint: "nowMs() has to return milliseconds since the epoch.",
  });
}
