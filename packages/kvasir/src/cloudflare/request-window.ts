import { REQUEST_WINDOW_MS, WINDOW_REQUESTS_MAX } from "./limits.js";

/**
 * Counts requests, so that at most {@link WINDOW_REQUESTS_MAX} are sent in any {@link REQUEST_WINDOW_MS}. A
 * user who passes the limit is refused for five minutes, also in Cloudflare's dashboard and by other tools.
 */
export class RequestWindow {
  /** A ring of the times of the last requests. */
  readonly #sentMs: number[] = [];
  #oldest = 0;

  /** How long to wait before the next request, in milliseconds. */
  waitMs(nowMs: number): number {
    if (this.#sentMs.length < WINDOW_REQUESTS_MAX) return 0;
    return Math.max(0, (this.#sentMs[this.#oldest] ?? 0) + REQUEST_WINDOW_MS - nowMs);
  }

  count(nowMs: number): void {
    if (this.#sentMs.length < WINDOW_REQUESTS_MAX) {
      this.#sentMs.push(nowMs);
      return;
    }
    this.#sentMs[this.#oldest] = nowMs;
    this.#oldest = (this.#oldest + 1) % WINDOW_REQUESTS_MAX;
  }
}
