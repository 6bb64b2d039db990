import { createHash } from "node:crypto";
import type { PortableEntry } from "./portable-entry.js";

/** An entry by its key and a hash of everything that a copy must keep. */
export interface SampledEntry {
  readonly key: string;
  readonly hash: string;
  readonly expirationMs: number | null;
  readonly metadata: string | null;
}

/** What of an entry two places can both keep: `wholeSeconds` and no content type for a service that has none. */
export interface ComparedParts {
  readonly wholeSeconds: boolean;
  readonly contentType: boolean;
}

/** A SHA-256 of what two copies of an entry have in common. */
export function entryHash(entry: PortableEntry, parts: ComparedParts): string {
  const { key, value, expirationMs, metadata, contentType } = entry;
  const expires =
    expirationMs !== null && parts.wholeSeconds ? Math.floor(expirationMs / 1000) : expirationMs;
  const about = [key, expires, comparableMetadata(metadata), parts.contentType ? contentType : null];
  return createHash("sha256").update(JSON.stringify(about)).update("\0").update(value).digest("hex");
}

/**
 * A fixed number of entries, each entry that was added with the same probability (reservoir sampling, algorithm
 * R).
 */
export class CopySample {
  readonly #size: number;
  readonly #parts: ComparedParts;
  readonly #random: () => number;
  readonly #entries: SampledEntry[] = [];
  #seen = 0;

  /** @param options.random numbers from 0 to 1. @default Math.random */
  constructor(options: {
    readonly size: number;
    readonly parts: ComparedParts;
    readonly random?: (() => number) | undefined;
  }) {
    this.#size = options.size;
    this.#parts = options.parts;
    this.#random = options.random ?? Math.random;
  }

  get entries(): readonly SampledEntry[] {
    return this.#entries;
  }

  add(entry: PortableEntry): void {
    this.#seen++;
    const at =
      this.#entries.length < this.#size ? this.#entries.length : Math.floor(this.#random() * this.#seen);
    // Hashed only if it is taken.
    if (at >= this.#size) return;
    const { key, expirationMs, metadata } = entry;
    this.#entries[at] = { key, hash: entryHash(entry, this.#parts), expirationMs, metadata };
  }
}

/** Equal for the same JSON; the metadata `null` is the same as none, which functions cannot tell apart. */
function comparableMetadata(metadata: string | null): string | null {
  if (metadata === null) return null;
  const value: unknown = JSON.parse(metadata);
  return value === null ? null : JSON.stringify(sorted(value));
}

/** A service may keep metadata in an order of its own. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}
