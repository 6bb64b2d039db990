/** Remembers what was found out in the current turn of the event loop, and nothing longer. */
export class TurnMemory<Value> {
  readonly #values = new Map<string, Value>();
  // One function for all turns: this is on the way of every request.
  readonly #forget = () => this.#values.clear();

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    if (this.#values.size === 0) setImmediate(this.#forget);
    this.#values.set(key, value);
  }
}
