/**
 * All data of a store as of one position, as the bytes of a data file. Writers go on meanwhile, but the store
 * cannot reuse the space of what they replace, so let go of it soon.
 */
export interface DataSnapshot {
  readonly byteLength: number;
  /** When it was taken, in milliseconds since the epoch. */
  readonly atMs: number;
  /** The place in the feed of changes. */
  readonly position: string;
  /** The format of the data on disk. */
  readonly format: number;
  /** The bytes, in order. Can be read once. Ends the snapshot when it ends. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Ends the snapshot. Further calls do nothing. */
  release(): void;
}

/** One thing that is wrong with the data. */
export interface CheckProblem {
  /** A full sentence. */
  readonly message: string;
  /** The id of the namespace, if the problem concerns one of its keys. */
  readonly namespace?: string;
  readonly key?: string;
}

/** What a check of a store found. */
export interface CheckReport {
  /** Whether the data can be read at all. Otherwise no entry was looked at. */
  readonly readable: boolean;
  /** The number of stored entries, including expired ones. */
  readonly entries: number;
  /** The total bytes of their values. */
  readonly bytes: number;
  /** How many problems there are. */
  readonly problemCount: number;
  /** The first of them, up to a limit. */
  readonly problems: readonly CheckProblem[];
}

/** The data of a server or a directory as a whole. */
export interface DataAdmin {
  /**
   * Everything in the store, namespaces and tokens included. `writeBackup()` of `@kvasir/store` makes a backup of it.
   *
   * @throws KvError `unsupported` when the store has no file, `rate_limited` when a server sends others already
   */
  snapshot(): Promise<DataSnapshot>;
  /** Compares everything that is stored with everything else that is stored, checksums included. */
  check(): Promise<CheckReport>;
}
