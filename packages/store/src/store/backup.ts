import type { MaybePromise } from "@kvasir/client/namespace";
import type { Position } from "./changes.js";
import type { CheckReport } from "./check-report.js";

/**
 * All data of a store as of one position, as the bytes of a data file. Writers go on meanwhile, but the store
 * cannot reuse the space of what they replace, so let go of it soon.
 */
export interface DataSnapshot {
  readonly byteLength: number;
  /** When it was taken, in milliseconds since the epoch. */
  readonly atMs: number;
  readonly position: Position;
  /** The format of the data on disk. */
  readonly format: number;
  /** The bytes, in order. Can be read once. Ends the snapshot when it ends. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Ends the snapshot. Further calls do nothing. */
  release(): void;
}

/** How far a copy is. */
export interface CopyProgress {
  readonly bytes: number;
  readonly bytesTotal: number;
}

export interface CopyOptions {
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined;
  /** Ends the copy. Nothing of it is left behind. */
  readonly signal?: AbortSignal | undefined;
}

export interface BackupOptions extends CopyOptions {
  /**
   * Checks the copy, a data directory, before it gets its name.
   * @default everything is compared with everything else in this process, which blocks it meanwhile
   */
  readonly check?: ((directory: string) => MaybePromise<CheckReport>) | undefined;
}

/** A backup that was made and found sound. */
export interface BackupReport {
  readonly path: string;
  /** The time that it shows, in milliseconds since the epoch. */
  readonly atMs: number;
  readonly position: Position;
  /** The number of entries, including expired ones. */
  readonly entries: number;
  /** The total bytes of their values. */
  readonly bytes: number;
  /** The size of the data file in bytes. */
  readonly fileBytes: number;
}
