/** Where the store, the API and the functions read the time; tests inject their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: Date.now };

/** Called with the new time; an advance is over when what it returns has resolved. */
export type ClockListener = (nowMs: number) => void | Promise<void>;

/**
 * A clock that moves only when told to.
 *
 * @example
 * const clock = new FakeClock();
 * const database = open(":memory:", { clock });
 * await clock.advance(60_000);
 */
export class FakeClock implements Clock {
  #nowMs: number;
  readonly #listeners = new Set<ClockListener>();

  constructor(startMs = 1_700_000_000_000) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /**
   * Moves at once. Resolves when what follows this clock has followed: the store has swept what expired, and
   * functions that were started with it show the new time.
   */
  advance(ms: number): Promise<void> {
    this.#nowMs += ms;
    const following = Array.from(this.#listeners, (listener) => listener(this.#nowMs));
    return Promise.all(following).then(() => {});
  }

  /** `listener` is called after each advance, until it is removed by calling what this answers. */
  onAdvance(listener: ClockListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
