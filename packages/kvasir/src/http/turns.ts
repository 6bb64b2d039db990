import { TURN_REST_MS_MAX } from "./limits.js";

/**
 * Long responses take turns: each makes one part, and then short requests and new connections come first, for as long as
 * the part took. A short request so waits for one part, and not for all long responses under way.
 *
 * Without this, hundreds of pages of large values that clients asked for at once kept the event loop busy for seconds. A
 * response goes on to its next part in the same turn of the loop as long as the system's buffer takes it; and Node accepts
 * one connection in each turn, so that long turns also keep new clients waiting.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  readonly #nowMs: () => number;
  /** Whether somebody has had a turn since the event loop was last without one. */
  #isTaken = false;
  #startedMs = 0;
  /** Until when others come first. */
  #restUntilMs = 0;
  /** Whether there were others since the last look. */
  #hasOthers = false;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Resolves when it is the caller's turn; `undefined` where nobody else has one. */
  next(): Promise<void> | undefined {
    if (this.#isTaken) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
    this.#begin();
    return undefined;
  }

  /** A short request or a new connection has come. */
  othersCame(): void {
    this.#hasOthers = true;
  }

  #begin(): void {
    this.#startedMs = this.#nowMs();
    this.#hasOthers = false;
    setImmediate(this.#ended);
  }

  readonly #ended = (): void => {
    const nowMs = this.#nowMs();
    this.#restUntilMs = nowMs + Math.min(nowMs - this.#startedMs, TURN_REST_MS_MAX);
    this.#pass();
  };

  readonly #pass = (): void => {
    if (this.#hasOthers && this.#waiting.length > 0 && this.#nowMs() < this.#restUntilMs) {
      this.#hasOthers = false;
      setImmediate(this.#pass);
      return;
    }
    const next = this.#waiting.shift();
    this.#isTaken = next !== undefined;
    if (next === undefined) return;
    this.#begin();
    next();
  };
}
