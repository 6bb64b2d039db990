import type { PortableEntry } from "./portable-entry.js";

export interface ReadEntriesOptions {
  /** @default "" */
  readonly prefix?: string | undefined;
  /** Begin with the first key behind this one, in the byte order of keys. */
  readonly after?: string | undefined;
  /** Most entries. @default no limit */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What entries are copied from: a namespace of a store, of a server or of a hosted service, or a file. */
export interface EntrySource {
  /**
   * Live entries in the byte order of their keys, in batches of bounded size. Entries that are written or deleted
   * meanwhile may or may not be among them.
   */
  read(options?: ReadEntriesOptions): AsyncIterable<readonly PortableEntry[]>;
}
