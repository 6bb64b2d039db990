/** The source of time of the store, the API and the functions. Tests inject their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: Date.now };

/** Called with the new time. The listener has adjusted to it when the returned promise resolves. */
export type ClockListener = (nowMs: number) => void | Promise<void>;

/**
 * A clock that moves only when a test moves it.
 *
 * @example
 * const clock = new FakeClock();
 * const database = open(":memory:", { clock });
 * clock.advance(60_000);
 */
export class FakeClock implements Clock {
  #nowMs: number;
  readonly #listeners = new Set<ClockListener>();
  readonly #following = new Set<Promise<void>>();

  constructor(startMs = 1_700_000_000_000) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** Moves the clock at once for all readers. Await {@link settled} for listeners to have adjusted. */
  advance(ms: number): void {
    this.#nowMs += ms;
    for (const listener of this.#listeners) this.#follow(listener);
  }

  /**
   * Resolves when all listeners have adjusted to the new time: the store has swept what expired, and
   * functions that were started with this clock show the new time. Rejects if a listener failed.
   */
  async settled(): Promise<void> {
    await Promise.all(this.#following);
  }

  /** Calls `listener` after each advance. Returns a function that removes the listener. */
  onAdvance(listener: ClockListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #follow(listener: ClockListener): void {
    const following = Promise.resolve(listener(this.#nowMs));
    this.#following.add(following);
    const forget = () => this.#following.delete(following);
    following.then(forget, forget);
  }
}
