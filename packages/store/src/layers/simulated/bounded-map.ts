/** A Map of bounded size. When it is full, it drops the entry that was set first. */
export class BoundedMap<Value> extends Map<string, Value> {
  readonly #sizeMax: number;

  constructor(sizeMax: number) {
    super();
    this.#sizeMax = sizeMax;
  }

  override set(key: string, value: Value): this {
    // An existing key moves to the end, because it is now the newest.
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
