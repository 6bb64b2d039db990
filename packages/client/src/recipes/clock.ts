import { KvError } from "../errors.js";
import { CLOCK_STEP_BACK_MS_MAX } from "./limits.js";

/** Where a recipe reads the time. The clocks of `@kvasir/store`, its `FakeClock` too, are such. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
}

const systemClock: Clock = { nowMs: () => Date.now() };

/**
 * A clock that never goes back. A small step back (time synchronisation) holds it still; a large one is an error, for
 * windows, leases and expiries reckoned from it would be wrong.
 *
 * @throws KvError `clock_backwards` from the returned function
 */
export function steadyClock(clock: Clock = systemClock): () => number {
  let latestMs = Number.NEGATIVE_INFINITY;
  return () => {
    const nowMs = clock.nowMs();
    if (!Number.isFinite(nowMs)) {
      throw new KvError("option_invalid", `The clock answered ${String(nowMs)}.`, {
        hint: "nowMs() has to return milliseconds since the epoch.",
      });
    }
    if (latestMs - nowMs > CLOCK_STEP_BACK_MS_MAX) {
      throw new KvError("clock_backwards", `The clock went back by ${latestMs - nowMs} ms.`, {
        hint: "Correct this machine's clock; if its new time is the right one, start the process again.",
      });
    }
    latestMs = Math.max(latestMs, nowMs);
    return latestMs;
  };
}
