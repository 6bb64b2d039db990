/** What one connection's own keys hold, in the simplest way that could be right. */
export interface Entry {
  readonly value: Buffer;
  /** JSON text. */
  readonly metadata: string | null;
  /** Seconds, from about now on; `null`: never expires. */
  readonly ttlSeconds: number | null;
  /** `undefined` until the server has told it. */
  readonly version: number | undefined;
}

/** What a watch has to tell. */
export interface Change {
  readonly type: string;
  readonly key: string;
}

export class Model {
  /** In order. */
  readonly changes: Change[];
  readonly #entries: Map<string, Entry>;
  /** The newest version of each key that the server has told, also of keys that are gone. */
  readonly #versions: Map<string, number>;

  constructor(other?: Model) {
    this.#entries = new Map(other === undefined ? [] : other.#entries);
    this.#versions = new Map(other === undefined ? [] : other.#versions);
    this.changes = other === undefined ? [] : [...other.changes];
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** Keys with this prefix, in the order of their bytes. */
  keys(prefix = ""): string[] {
    return [...this.#entries.keys()].filter((key) => key.startsWith(prefix)).sort(compareBytes);
  }

  /** @returns what is wrong with the version that the server gave it */
  put(key: string, entry: Entry): string | undefined {
    this.#entries.set(key, entry);
    this.changes.push({ type: "put", key });
    return entry.version === undefined ? undefined : this.#newer(key, entry.version);
  }

  delete(key: string): void {
    // That there is none is no change.
    if (this.#entries.delete(key)) this.changes.push({ type: "delete", key });
  }

  /** The server named this version with an entry: it was known, or is newer than all before. */
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
