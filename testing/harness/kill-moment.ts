import { Random } from "./random.js";

/** Acknowledged writes after which the kill may come, at the latest. */
const ACKNOWLEDGED_MAX = 400;
/** How long after the last counted acknowledgement the kill comes, at the latest, in microseconds. */
const KILL_DELAY_US_MAX = 4000;

/** When a kill comes: after so many acknowledged writes, and a little more. */
export interface KillMoment {
  readonly acknowledged: number;
  readonly delayUs: number;
}

export function killMomentOf(seed: string): KillMoment {
  const random = new Random(`${seed} kill`);
  return {
    acknowledged: random.between(1, ACKNOWLEDGED_MAX),
    delayUs: random.between(0, KILL_DELAY_US_MAX),
  };
}
