import type { FlagEntry } from "./flag-entries.js";
import { REMEMBERED_FLAGS_MAX } from "./limits.js";

/** The moment at which a read began. */
export interface FlagsReading {
  readonly atMs: number;
  readonly changes: number;
}

/** What was read of flags: for a while as it is, and after that in case the store is away. Also that there is none, which is what most reads of unused flags find. */
export class RememberedFlags {
  readonly #ttlMs: number;
  readonly #nowMs: () => number;
  #changes = 0;
  readonly #read = new Map<string, { readonly entry: FlagEntry | null; readonly untilMs: number }>();

  constructor(ttlSeconds: number, nowMs: () => number) {
    this.#ttlMs = ttlSeconds * 1000;
    this.#nowMs = nowMs;
  }

  /** `undefined` when it has to be read. */
  get(name: string): FlagEntry | null | undefined {
    const read = this.#read.get(name);
    return read !== undefined && this.#nowMs() < read.untilMs ? read.entry : undefined;
  }

  /** What was read last, however long ago; `undefined` when nothing was. */
  lastKnown(name: string): FlagEntry | null | undefined {
    return this.#read.get(name)?.entry;
  }

  /** To be called before a read, for `set` after it. */
  beginRead(): FlagsReading {
    return { atMs: this.#nowMs(), changes: this.#changes };
  }

  set(name: string, entry: FlagEntry | null, { atMs, changes }: FlagsReading): void {
    // What was changed here since the read began may not be in it.
    if (changes !== this.#changes) return;
    this.#read.delete(name);
    this.#read.set(name, { entry, untilMs: atMs + this.#ttlMs });
    if (this.#read.size > REMEMBERED_FLAGS_MAX) this.#read.delete(this.#read.keys().next().value as string);
  }

  /** The flag was changed here. */
  forget(name: string): void {
    this.#changes++;
    this.#read.delete(name);
  }
}
