import type { KvError } from "@kvasir/client/namespace";
import type { PortableEntry } from "./portable-entry.js";

/** What to do with an entry whose key is there already. */
export type OnConflict = "overwrite" | "skip" | "fail";

export interface RefusedEntry {
  /** Its index in the batch. */
  readonly index: number;
  readonly error: KvError;
}

/** What became of a batch: each of its entries is counted once. */
export interface WriteReport {
  readonly written: number;
  /** Bytes of the values of those that were written. */
  readonly bytes: number;
  /** Their keys were there already. */
  readonly skipped: number;
  /** They had expired, so they were not written. */
  readonly expired: number;
  readonly refused: readonly RefusedEntry[];
}

/** What entries are copied to. It was created with an {@link OnConflict} and, for a trial, without writing. */
export interface EntrySink {
  /** Resolves when the batch is durable. An entry that is refused does not keep the others out. */
  write(entries: readonly PortableEntry[]): Promise<WriteReport>;
}
