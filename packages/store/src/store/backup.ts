import type { CheckReport, MaybePromise } from "@kvasir/client/namespace";
import type { Position } from "./changes.js";

export type { DataSnapshot } from "@kvasir/client/namespace";

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
