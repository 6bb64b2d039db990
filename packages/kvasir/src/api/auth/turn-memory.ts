/** Remembers results only for the current turn of the event loop. */
export class TurnMemory<Value> {
  readonly #values = new Map<string, Value>();
  /**
   * Checked first: comparing two strings is cheaper than hashing one, and most requests have the same token.
   */
  #lastKey: string | null = null;
  #lastValue: Value | undefined;
  // One function for all turns, because every request needs it.
  readonly #forget = () => {
    this.#values.clear();
    this.#lastKey = null;
    this.#lastValue = undefined;
  };

  get(key: string): Value | undefined {
    return key === this.#lastKey ? this.#lastValue : this.#values.get(key);
  }

  set(key: string, value: Value): void {
    if (this.#values.size === 0) setImmediate(this.#forget);
    this.#values.set(key, value);
    this.#lastKey = key;
    this.#lastValue = value;
  }
}
