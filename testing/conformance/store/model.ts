import type { ListQuery } from "@kvasir/store";

/** An entry of a namespace, in the simplest possible model. */
export interface ModelEntry {
  readonly value: Buffer;
  readonly version: number;
  readonly expirationMs: number | null;
  readonly metadata: string | null;
}

export class Model {
  readonly #entries = new Map<string, ModelEntry>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get(key: string): ModelEntry | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    return entry.expirationMs === null || entry.expirationMs > this.#nowMs() ? entry : null;
  }

  set(key: string, entry: ModelEntry): void {
    this.#entries.set(key, entry);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** All live keys that match the query, in its order, ignoring its limit. */
  keys({ prefix = "", start, end, after, reverse = false }: Omit<ListQuery, "limit">): string[] {
    const keys = [...this.#entries.keys()]
      .filter((key) => this.get(key) !== null && key.startsWith(prefix))
      .filter((key) => start === undefined || compare(key, start) >= 0)
      .filter((key) => end === undefined || compare(key, end) < 0)
      .sort(compare);
    if (reverse) keys.reverse();
    if (after === undefined) return keys;
    return keys.filter((key) => (reverse ? compare(key, after) < 0 : compare(key, after) > 0));
  }
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
