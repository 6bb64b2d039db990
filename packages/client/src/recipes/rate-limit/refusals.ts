import { REFUSED_KEYS_MAX } from "./limits.js";
import type { Verdict } from "./result.js";

interface Refusal {
  readonly cost: number;
  readonly verdict: Verdict;
  readonly atMs: number;
  readonly untilMs: number;
}

/**
 * Checks that were refused, for as long as the same check is certain to be refused again: others can only use more
 * meanwhile. So a client that hammers costs no requests.
 */
export class Refusals {
  readonly #byKey = new Map<string, Refusal>();

  note(key: string, cost: number, verdict: Verdict, nowMs: number): void {
    if (verdict.allowed) return;
    // The seconds are rounded up: the last of them may not be over, or may be.
    const untilMs = nowMs + (verdict.retryAfterSeconds - 1) * 1000;
    if (untilMs <= nowMs) return;
    this.#byKey.delete(key);
    this.#byKey.set(key, { cost, verdict, atMs: nowMs, untilMs });
    if (this.#byKey.size > REFUSED_KEYS_MAX) {
      this.#byKey.delete(this.#byKey.keys().next().value as string);
    }
  }

  /** What a check of that cost is told, if that is certain. */
  verdict(key: string, cost: number, nowMs: number): Verdict | undefined {
    const refusal = this.#byKey.get(key);
    if (refusal === undefined) return undefined;
    // A clock that went back says nothing about what is over.
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
