import type { Clock } from "../../store/clock.js";
import { BoundedMap } from "./bounded-map.js";
import type { Draw } from "./draw.js";
import { askedOf } from "./question.js";

interface Kept<Answer> {
  readonly answer: Answer;
  readonly askedMs: number;
  /** The fraction of the allowed time for which this result is kept. */
  readonly share: number;
}

/** Results that are repeated for a while, whatever has changed since. */
export class KeptAnswers<Answer> {
  readonly #clock: Clock;
  readonly #draw: Draw;
  readonly #kept: BoundedMap<Kept<Answer>>;

  constructor(options: { readonly clock: Clock; readonly draw: Draw; readonly sizeMax: number }) {
    this.#clock = options.clock;
    this.#draw = options.draw;
    this.#kept = new BoundedMap(options.sizeMax);
  }

  /**
   * Returns the result in an object, because it may be `null`. Returns `undefined` if it has to be looked up.
   */
  find(question: string, staleMsMax: number): { readonly answer: Answer } | undefined {
    const kept = this.#kept.get(question);
    if (kept === undefined) return undefined;
    const ageMs = this.#clock.nowMs() - kept.askedMs;
    if (ageMs < kept.share * staleMsMax) return kept;
    return undefined;
  }

  /** `askedMs` is the time before the result was looked up. */
  keep(question: string, answer: Answer, askedMs: number): void {
    this.#kept.set(question, { answer, askedMs, share: this.#draw(askedOf(question), askedMs) });
  }

  forget(question: string): void {
    this.#kept.delete(question);
  }

  forgetPrefix(prefix: string): void {
    this.#kept.deletePrefix(prefix);
  }
}
