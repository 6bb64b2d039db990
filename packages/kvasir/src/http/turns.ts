import { TURN_REST_MS_MAX } from "./limits.js";

/**
 * Makes long responses take turns. Each one produces a part, and then short requests and new connections go
 * first for as long as the part took. A short request therefore waits for one part, and not for all long
 * responses in flight.
 *
 * Without this, hundreds of pages of large values requested at once kept the event loop busy for seconds. A
 * response goes on to its next part in the same turn of the loop as long as the system's buffer accepts it.
 * Node accepts one connection per turn, so that long turns also keep new clients waiting.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  readonly #nowMs: () => number;
  /** Whether a response has had a turn since the event loop last had none. */
  #isTaken = false;
  #startedMs = 0;
  /** The time until which short requests go first. */
  #restUntilMs = 0;
  /** Whether a short request or connection has come since the last check. */
  #hasOthers = false;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Resolves when it is the caller's turn. Returns `undefined` if no other response has one. */
  next(): Promise<void> | undefined {
    if (this.#isTaken) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
    this.#begin();
    return undefined;
  }

  /** Call it when a short request or a new connection has come. */
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
