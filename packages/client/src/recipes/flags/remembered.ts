import type { FlagEntry } from "./flag-entries.js";
import { REMEMBERED_FLAGS_MAX } from "./limits.js";

/** The state at the start of a read. */
export interface FlagsReading {
  readonly atMs: number;
  readonly changes: number;
}

/**
 * Flags that were read. They are served for a while, and later only if the store is unavailable. Missing
 * flags are remembered too, because most reads of unused flags find nothing.
 */
export class RememberedFlags {
  readonly #ttlMs: number;
  readonly #nowMs: () => number;
  #changes = 0;
  readonly #read = new Map<string, { readonly entry: FlagEntry | null; readonly untilMs: number }>();

  constructor(ttlSeconds: number, nowMs: () => number) {
    this.#ttlMs = ttlSeconds * 1000;
    this.#nowMs = nowMs;
  }

  /** `undefined` if the flag has to be read. */
  get(name: string): FlagEntry | null | undefined {
    const read = this.#read.get(name);
    return read !== undefined && this.#nowMs() < read.untilMs ? read.entry : undefined;
  }

  /** The result of the last read, of any age. `undefined` if the flag was never read. */
  lastKnown(name: string): FlagEntry | null | undefined {
    return this.#read.get(name)?.entry;
  }

  /** Call it before a read, and pass the result to `set`. */
  beginRead(): FlagsReading {
    return { atMs: this.#nowMs(), changes: this.#changes };
  }

  set(name: string, entry: FlagEntry | null, { atMs, changes }: FlagsReading): void {
    // The result may miss a change that this process has made since the read began.
    if (changes !== this.#changes) return;
    this.#read.delete(name);
    this.#read.set(name, { entry, untilMs: atMs + this.#ttlMs });
    if (this.#read.size > REMEMBERED_FLAGS_MAX) this.#read.delete(this.#read.keys().next().value as string);
  }

  /** Call it after this process has changed the flag. */
  forget(name: string): void {
    this.#changes++;
    this.#read.delete(name);
  }
}
