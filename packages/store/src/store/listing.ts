import type { Key, LargeValue } from "./entry.js";

/** A range of keys; all bounds hold together. */
export interface KeyRange {
  readonly prefix?: Key | undefined;
  /** Included. */
  readonly start?: Key | undefined;
  /** Excluded. */
  readonly end?: Key | undefined;
}

export interface ListQuery extends KeyRange {
  /** Continue strictly past this key, in the direction of the list. */
  readonly after?: Key | undefined;
  /** Most entries of the page. */
  readonly limit: number;
  readonly reverse?: boolean | undefined;
  /**
   * Read the values too; the page ends early rather than pass `LIST_VALUE_BYTES_MAX`. A damaged entry is then
   * an error (`storage_corrupt`) instead of a `damaged` row.
   */
  readonly values?: boolean | undefined;
}

export interface ListedEntry {
  readonly key: Key;
  readonly version: number;
  readonly expirationMs: number | null;
  readonly metadata: string | null;
  readonly valueBytes: number;
  /** When the entry was last written. */
  readonly modifiedMs: number;
  /** Only when the query asked for values. */
  readonly value?: Uint8Array | LargeValue;
  /** Only when the query asked for values. `null`: the entry has none. */
  readonly contentType?: string | null;
  /** The entry is damaged on disk: only its key is known, and everything else here is empty. */
  readonly damaged?: true;
}

export interface ListPage {
  readonly entries: readonly ListedEntry[];
  /**
   * Where the next page starts, `null` when this one is the last. A page may hold fewer entries than its
   * limit, or none, and still not be the last: the work done for one page is bounded.
   */
  readonly after: Key | null;
}
