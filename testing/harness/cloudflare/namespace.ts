/** An entry of the mock, exactly as it was stored. */
export interface MockEntry {
  readonly value: Buffer;
  /** Seconds since the epoch. */
  readonly expiration?: number | undefined;
  readonly metadata?: unknown;
}

/** A namespace of the mock of Cloudflare's API. */
export class MockNamespace {
  readonly id: string;
  readonly title: string;
  readonly entries = new Map<string, MockEntry>();

  constructor(id: string, title: string) {
    this.id = id;
    this.title = title;
  }

  put(key: string, value: string | Uint8Array, entry: Omit<MockEntry, "value"> = {}): void {
    this.entries.set(key, { ...entry, value: Buffer.from(value as Uint8Array) });
  }

  get(key: string, nowMs: number): MockEntry | undefined {
    const entry = this.entries.get(key);
    const isLive = entry?.expiration === undefined || entry.expiration * 1000 > nowMs;
    return isLive ? entry : undefined;
  }

  /** Live keys in the order of their bytes, behind `after`. */
  list(prefix: string, after: string | undefined, nowMs: number): readonly string[] {
    return [...this.entries.keys()]
      .filter((key) => key.startsWith(prefix) && this.get(key, nowMs) !== undefined)
      .sort(compareBytes)
      .filter((key) => after === undefined || compareBytes(key, after) > 0);
  }
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
