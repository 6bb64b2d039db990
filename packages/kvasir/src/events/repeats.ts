import { REPEAT_MS, REPEATED_TEXTS_MAX } from "./limits.js";

interface Said {
  readonly atMs: number;
  heldBack: number;
}

/** Keeps a repeated text from filling the log. */
export class Repeats {
  readonly #nowMs: () => number;
  readonly #said = new Map<string, Said>();

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /**
   * The text to report, with the number of times it was suppressed before. `undefined` if it was reported
   * less than {@link REPEAT_MS} ago.
   */
  admit(text: string): string | undefined {
    const nowMs = this.#nowMs();
    const said = this.#said.get(text);
    if (said !== undefined && nowMs - said.atMs < REPEAT_MS) {
      said.heldBack++;
      return undefined;
    }
    this.#said.delete(text);
    this.#said.set(text, { atMs: nowMs, heldBack: 0 });
    const [oldest] = this.#said.keys();
    if (this.#said.size > REPEATED_TEXTS_MAX) this.#said.delete(oldest as string);
    const heldBack = said?.heldBack ?? 0;
    return heldBack === 0 ? text : `${text} (${heldBack} more times since it was last told)`;
  }
}
