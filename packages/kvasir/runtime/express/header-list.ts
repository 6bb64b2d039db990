export type HeaderValue = string | number | readonly (string | number)[];

/** Headers as in Node: names in lower case, each with one value or several. */
export class HeaderList {
  readonly #values = new Map<string, string | string[]>();

  get(name: string): string | string[] | undefined {
    return this.#values.get(name.toLowerCase());
  }

  set(name: string, value: HeaderValue): void {
    this.#values.set(name.toLowerCase(), Array.isArray(value) ? value.map(String) : String(value));
  }

  /** Appended cookies become several headers. Other values become one comma-separated header. */
  append(name: string, value: HeaderValue): void {
    const before = this.get(name);
    const added = Array.isArray(value) ? value.map(String) : [String(value)];
    const all = [...(before === undefined ? [] : [before].flat()), ...added];
    this.set(name, name.toLowerCase() === "set-cookie" ? all : all.join(", "));
  }

  delete(...names: readonly string[]): void {
    for (const name of names) this.#values.delete(name.toLowerCase());
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  entries(): Record<string, string | string[]> {
    return Object.fromEntries(this.#values);
  }

  toHeaders(): Headers {
    const headers = new Headers();
    for (const [name, values] of this.#values) {
      for (const value of [values].flat()) headers.append(name, value);
    }
    return headers;
  }
}
