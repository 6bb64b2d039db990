import { IN_FLIGHT_MAX, IN_FLIGHT_START } from "./limits.js";
import { RequestWindow } from "./request-window.js";
import type { Timer } from "./timer.js";

export interface RequestGateOptions {
  readonly timer: Timer;
  /** Whether to stay below Cloudflare's limit of requests, as {@link RequestWindow} counts them. */
  readonly limited: boolean;
  /** Called before a pause, with its length in milliseconds. */
  readonly onPause?: ((ms: number) => void) | undefined;
}

/**
 * Decides when a request may be sent. The number of requests in flight grows while they are fast, and halves
 * when the service throttles.
 */
export class RequestGate {
  readonly #timer: Timer;
  readonly #window: RequestWindow | undefined;
  readonly #onPause: (ms: number) => void;
  readonly #waiting: (() => void)[] = [];
  #limit = IN_FLIGHT_START;
  #inFlight = 0;
  #pausedUntilMs = 0;
  /** The shortest time that a request took lately, in milliseconds. */
  #fastMs = Number.POSITIVE_INFINITY;

  constructor({ timer, limited, onPause = () => {} }: RequestGateOptions) {
    this.#timer = timer;
    this.#window = limited ? new RequestWindow() : undefined;
    this.#onPause = onPause;
  }

  /** Requests that may be in flight now. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Calls `request` when it is its turn. */
  async run<T>(request: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      await this.#enter(signal);
    } catch (error) {
      // The turn that this one gives up is another's.
      this.#waiting.shift()?.();
      throw error;
    }
    const startedMs = this.#timer.nowMs();
    try {
      const result = await request();
      this.#succeeded(this.#timer.nowMs() - startedMs);
      return result;
    } finally {
      this.#inFlight--;
      this.#waiting.shift()?.();
    }
  }

  /** Sends nothing for a while, and half as much at once afterwards. */
  throttle(pauseMs: number): void {
    const nowMs = this.#timer.nowMs();
    // Requests that were in flight together are refused together: that counts once.
    if (nowMs >= this.#pausedUntilMs) this.#limit = Math.max(1, this.#limit / 2);
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + pauseMs);
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      if (this.#inFlight >= this.limit) {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
        continue;
      }
      const nowMs = this.#timer.nowMs();
      const waitMs = Math.max(this.#pausedUntilMs - nowMs, this.#window?.waitMs(nowMs) ?? 0);
      if (waitMs <= 0) break;
      this.#onPause(waitMs);
      await this.#timer.sleep(waitMs, signal);
    }
    this.#inFlight++;
    this.#window?.count(this.#timer.nowMs());
    // The limit may have grown by more than one request ends.
    if (this.#inFlight < this.limit) this.#waiting.shift()?.();
  }

  #succeeded(ms: number): void {
    // Forgets slowly, because requests of another kind may take longer.
    this.#fastMs = Math.min(this.#fastMs * 1.1, Math.max(ms, 1));
    if (ms > this.#fastMs * SLOW) return;
    this.#limit = Math.min(IN_FLIGHT_MAX, this.#limit + 1 / this.#limit);
  }
}

/** A request that takes this many times as long as the fastest ones shows that more would not help. */
const SLOW = 4;
