import { Random } from "./random.js";

/** The kill comes after at most this many acknowledged writes. */
const ACKNOWLEDGED_MAX = 400;
/** Longest delay between the last counted acknowledgement and the kill, in microseconds. */
const KILL_DELAY_US_MAX = 4000;

/** The moment of a kill: after this many acknowledged writes and a short delay. */
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
