import type { MaybePromise } from "@kvasir/client/namespace";
import type { BackupOptions, BackupReport, DataSnapshot } from "./backup.js";
import type { CheckReport } from "./check-report.js";

export interface SweepOptions {
  /**
   * Whether to reclaim all replaced large values, even those that a reader may still be reading. Such a read
   * then fails. @default false
   */
  readonly evenIfRead?: boolean | undefined;
}

/** Work on the data as a whole. An engine has those members that make sense for it. */
export interface Maintenance {
  /** Compares everything that is stored with everything else that is stored. */
  check?(): MaybePromise<CheckReport>;
  /** Reclaims expired entries now instead of soon. Returns how many there were. */
  sweep?(options?: SweepOptions): Promise<number>;
  /**
   * Copies everything, as of one position, to the folder `path`, which must not exist. It gets its name when the
   * copy is on disk and was found sound. Writers go on meanwhile.
   *
   * @throws KvError `bad_request` when there is something at `path`, `storage_corrupt` when the copy is not sound,
   *   `storage_full`, `storage_read_only`
   */
  backup?(path: string, options?: BackupOptions): Promise<BackupReport>;
  /** The same data as bytes, to be sent elsewhere. */
  snapshot?(): DataSnapshot;
}
