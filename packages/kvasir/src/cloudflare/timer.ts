import { setTimeout as sleep } from "node:timers/promises";

/** Time for the client of Cloudflare's API. Tests inject their own. */
export interface Timer {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Rejects when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemTimer: Timer = {
  nowMs: Date.now,
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal });
  },
};
