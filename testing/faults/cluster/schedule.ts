import type { Random } from "../../harness/random.js";
import { FAULTS } from "./faults.js";

/** Draws faults, of all that this machine allows. */
export function scheduleOf(
  random: Random,
  { count, hasNetwork }: { readonly count: number; readonly hasNetwork: boolean },
): readonly string[] {
  const possible = FAULTS.filter(({ needsNetwork }) => hasNetwork || !needsNetwork);
  return Array.from({ length: count }, () => random.pick(possible).name);
}
