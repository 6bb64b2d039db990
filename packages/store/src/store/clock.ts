/** Where the store, the API and the functions read the time; tests inject their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: Date.now };

/** Called with the new time; it has followed when what it returns has resolved. */
export type ClockListener = (nowMs: number) => void | Promise<void>;

/**
 * A clock that moves only when told to.
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

  /** Moves at once, for all that ask it. {@link settled} tells when what has to be told has been. */
  advance(ms: number): void {
    this.#nowMs += ms;
    for (const listener of this.#listeners) this.#follow(listener);
  }

  /**
   * Resolves when what follows this clock has followed: the store has swept what expired, and functions that were
   * started with it show the new time. Rejects when one of them could not.
   */
  async settled(): Promise<void> {
    await Promise.all(this.#following);
  }

  /** `listener` is called after each advance, until it is removed by calling what this answers. */
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
