import type { FakeClock } from "@kvasir/store";
import type { CaseClock } from "./case.js";

/** Adapts a clock in this process to the cases. */
export function caseClock(clock: FakeClock): CaseClock {
  return {
    async nowSeconds() {
      return Math.floor(clock.nowMs() / 1000);
    },
    async advance(ms) {
      clock.advance(ms);
    },
  };
}
