import { REFUSED_KEYS_MAX } from "./limits.js";
import type { Verdict } from "./result.js";

interface Refusal {
  readonly cost: number;
  readonly verdict: Verdict;
  readonly atMs: number;
  readonly untilMs: number;
}

/**
 * Remembers rejected checks while the same check is certain to be rejected again: meanwhile usage can only
 * grow. So a client that keeps sending requests causes no requests to the store.
 */
export class Refusals {
  readonly #byKey = new Map<string, Refusal>();

  note(key: string, cost: number, verdict: Verdict, nowMs: number): void {
    if (verdict.allowed) return;
    // The seconds were rounded up, so the last second is not certain.
    const untilMs = nowMs + (verdict.retryAfterSeconds - 1) * 1000;
    if (untilMs <= nowMs) return;
    this.#byKey.delete(key);
    this.#byKey.set(key, { cost, verdict, atMs: nowMs, untilMs });
    if (this.#byKey.size > REFUSED_KEYS_MAX) {
      this.#byKey.delete(this.#byKey.keys().next().value as string);
    }
  }

  /** The result of a check with that cost, if it is certain. */
  verdict(key: string, cost: number, nowMs: number): Verdict | undefined {
    const refusal = this.#byKey.get(key);
    if (refusal === undefined) return undefined;
    // After the clock has stepped back it is unknown which rejections are over.
    if (nowMs < refusal.atMs || nowMs >= refusal.untilMs) {
      this.#byKey.delete(key);
      return undefined;
    }
    if (cost < refusal.cost) return undefined;
    const passedSeconds = Math.floor((nowMs - refusal.atMs) / 1000);
    const { verdict } = refusal;
    return {
      ...verdict,
      resetSeconds: verdict.resetSeconds - passedSeconds,
      retryAfterSeconds: verdict.retryAfterSeconds - passedSeconds,
    };
  }

  forget(key: string): void {
    this.#byKey.delete(key);
  }
}
