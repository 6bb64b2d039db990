/** A Map that forgets what was set first when it is full. */
export class BoundedMap<Value> extends Map<string, Value> {
  readonly #sizeMax: number;

  constructor(sizeMax: number) {
    super();
    this.#sizeMax = sizeMax;
  }

  override set(key: string, value: Value): this {
    // At the end, also what was there: it is the newest now.
    this.delete(key);
    for (const oldest of this.keys()) {
      if (this.size < this.#sizeMax) break;
      this.delete(oldest);
    }
    return super.set(key, value);
  }

  deletePrefix(prefix: string): void {
    for (const key of this.keys()) if (key.startsWith(prefix)) this.delete(key);
  }
}
