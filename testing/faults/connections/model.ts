/** An entry of one connection's own keys, in the simplest possible model. */
export interface Entry {
  readonly value: Buffer;
  /** JSON text. */
  readonly metadata: string | null;
  /** Seconds, counted from about now. `null` if it never expires. */
  readonly ttlSeconds: number | null;
  /** `undefined` until a response has contained it. */
  readonly version: number | undefined;
}

/** A change that a watch must report. */
export interface Change {
  readonly type: string;
  readonly key: string;
}

export class Model {
  /** In order. */
  readonly changes: Change[];
  readonly #entries: Map<string, Entry>;
  /** The newest version of each key that a response has contained, including deleted keys. */
  readonly #versions: Map<string, number>;

  constructor(other?: Model) {
    this.#entries = new Map(other === undefined ? [] : other.#entries);
    this.#versions = new Map(other === undefined ? [] : other.#versions);
    this.changes = other === undefined ? [] : [...other.changes];
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** The keys with this prefix, in the order of their bytes. */
  keys(prefix = ""): string[] {
    return [...this.#entries.keys()].filter((key) => key.startsWith(prefix)).sort(compareBytes);
  }

  /** @returns what is wrong with the version that the server assigned */
  put(key: string, entry: Entry): string | undefined {
    this.#entries.set(key, entry);
    this.changes.push({ type: "put", key });
    return entry.version === undefined ? undefined : this.#newer(key, entry.version);
  }

  delete(key: string): void {
    // Deleting a missing key is not a change.
    if (this.#entries.delete(key)) this.changes.push({ type: "delete", key });
  }

  /**
   * Call it when the server names a version of an entry. It must be the known one, or newer than all before.
   */
  learn(key: string, version: number): string | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.version !== undefined) {
      return entry.version === version ? undefined : `version ${version} of ${key}, not ${entry.version}`;
    }
    this.#entries.set(key, { ...entry, version });
    return this.#newer(key, version);
  }

  #newer(key: string, version: number): string | undefined {
    const before = this.#versions.get(key) ?? 0;
    this.#versions.set(key, Math.max(before, version));
    return version > before ? undefined : `version ${version} of ${key} after version ${before}`;
  }
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
