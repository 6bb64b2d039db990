import { KvError } from "../../namespace/errors.js";
import { CLOCK_STEP_BACK_MS_MAX } from "./limits.js";

/** The source of a recipe's time. The clocks of `@kvasir/store`, including `FakeClock`, implement it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
}

const systemClock: Clock = { nowMs: () => Date.now() };

/**
 * The time for windows and expiries. If the clock steps back (time synchronisation, a restored machine), the
 * time stands still for at most a second and then continues from the new time. A program must not stop
 * because its clock was wrong before.
 *
 * @throws KvError `option_invalid` from the returned function, for a clock that does not return a number
 */
export function recoveringClock(clock: Clock = systemClock): () => number {
  let latestMs = Number.NEGATIVE_INFINITY;
  /** The clock's time when a step back was first seen. `null` if there is none. */
  let steppedBackToMs: number | null = null;
  return () => {
    const nowMs = read(clock);
    if (nowMs >= latestMs) {
      steppedBackToMs = null;
      latestMs = nowMs;
      return nowMs;
    }
    // It stepped back again: start the pause again.
    if (steppedBackToMs === null || nowMs < steppedBackToMs) steppedBackToMs = nowMs;
    if (nowMs - steppedBackToMs < CLOCK_STEP_BACK_MS_MAX) return latestMs;
    steppedBackToMs = null;
    latestMs = nowMs;
    return nowMs;
  };
}

/**
 * The time for a lock, which never goes back. At a small step back it stands still. A large step is an error,
 * because a holder with such a clock cannot tell whether it still holds its lock.
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
