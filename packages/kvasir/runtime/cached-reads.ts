import type { FramedEntry } from "../src/wire/read-frames.js";
import { FramedValue, type ReadType } from "./framed-value.js";
import { READ_CACHE_BYTES_MAX } from "./limits.js";
import { isBatchable, type ReadBatches } from "./read-batches.js";

/** An entry that was read with `cacheTtl`. */
export interface CachedRead {
  readonly hit: boolean;
  metadata(): unknown;
  decode(type: ReadType): unknown;
}

/** Memory of an entry besides its value: objects, strings and its slot in the map. */
const ENTRY_OVERHEAD_BYTES = 512;

// One limit for the isolate, over all namespaces. A Map keeps insertion order: least recently used first.
const entries = new Map<string, CachedEntry>();
let totalBytes = 0;
let namespaces = 0;

/** The keys that a write changes. */
export type Written =
  | { readonly key: unknown }
  | { readonly keys: readonly string[] }
  | { readonly prefix: string };

/**
 * Reads one namespace with `cacheTtl`. A read is served from the isolate's memory only if the cached
 * entry is no older than the read allows, has not expired, and is newer than all writes of this
 * isolate. Missing keys are not cached.
 */
export class CachedReads {
  readonly #batches: ReadBatches;
  readonly #prefix = `${++namespaces}:`;
  /** Counts the starts and ends of writes. A read that overlaps one of them is not cached. */
  #writes = 0;

  constructor(batches: ReadBatches) {
    this.#batches = batches;
  }

  /**
   * `null` means that there is no entry. `undefined` means: ask the native binding,
   * for a large value or an error.
   */
  read(
    key: unknown,
    ttlSeconds: number,
  ): CachedRead | null | undefined | Promise<CachedRead | null | undefined> {
    // The native binding converts keys to text, but refuses a symbol, which String() accepts.
    if (typeof key === "symbol") return undefined;
    const name = String(key);
    const id = this.#prefix + name;
    const entry = entries.get(id);
    if (entry !== undefined) {
      const nowMs = Date.now();
      if (nowMs < entry.expirationMs && nowMs - entry.readMs < ttlSeconds * 1000) {
        entries.delete(id);
        entries.set(id, entry);
        return entry;
      }
      if (nowMs >= entry.expirationMs) forget(id);
    }
    if (!isBatchable(name)) return undefined;
    const writesBefore = this.#writes;
    const readMs = Date.now();
    return this.#batches.read({
      key: name,
      always: true,
      alone: () => undefined,
      found: (framed) => {
        if (framed === null) return null;
        const read = new CachedEntry(framed, readMs);
        if (writesBefore === this.#writes) keep(id, read);
        return { hit: false, metadata: () => read.metadata(), decode: (type: ReadType) => read.decode(type) };
      },
    });
  }

  /**
   * Runs a write. Reads that started before it are sent before it, and older cached
   * values are dropped before it starts.
   */
  async writing<T>(written: Written, write: () => Promise<T>): Promise<T> {
    this.#batches.send();
    this.#forget(written);
    try {
      return await write();
    } finally {
      this.#forget(written);
    }
  }

  #forget(written: Written): void {
    this.#writes++;
    if ("key" in written) forget(this.#prefix + String(written.key));
    else if ("keys" in written) for (const key of written.keys) forget(this.#prefix + key);
    else {
      const prefix = this.#prefix + written.prefix;
      for (const id of entries.keys()) if (id.startsWith(prefix)) forget(id);
    }
  }
}

class CachedEntry implements CachedRead {
  readonly hit = true;
  readonly readMs: number;
  readonly expirationMs: number;
  readonly cost: number;
  readonly #value: FramedValue;
  readonly #metadata: string | null;

  constructor({ value, metadata, expirationMs }: FramedEntry, readMs: number) {
    // A copy: the view would keep the whole response of a batch in memory.
    this.#value = new FramedValue(value.slice());
    this.#metadata = metadata;
    this.readMs = readMs;
    this.expirationMs = expirationMs;
    // Counts the bytes, and the text that they may be decoded to.
    this.cost = value.byteLength * 3 + (metadata?.length ?? 0) * 2 + ENTRY_OVERHEAD_BYTES;
  }

  // Parsed again for each reader, because a reader may change the result.
  metadata(): unknown {
    return this.#metadata === null ? null : JSON.parse(this.#metadata);
  }

  decode(type: ReadType): unknown {
    return this.#value.decode(type);
  }
}

function keep(id: string, entry: CachedEntry): void {
  forget(id);
  entries.set(id, entry);
  totalBytes += entry.cost;
  for (const oldest of entries.keys()) {
    if (totalBytes <= READ_CACHE_BYTES_MAX) break;
    forget(oldest);
  }
}

function forget(id: string): void {
  const entry = entries.get(id);
  if (entry === undefined) return;
  entries.delete(id);
  totalBytes -= entry.cost;
}
