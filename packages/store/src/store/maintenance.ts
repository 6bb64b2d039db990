import type { MaybePromise } from "@kvasir/client/namespace";
import type { BackupOptions, BackupReport, DataSnapshot } from "./backup.js";
import type { CheckReport } from "./check-report.js";
import type { ClusterFigures } from "./cluster-figures.js";

export interface SweepOptions {
  /**
   * Whether to reclaim all replaced large values, even those that a reader may still be reading. Such a read
   * then fails. @default false
   */
  readonly evenIfRead?: boolean | undefined;
}

/** What the live entries of a namespace take. */
export interface NamespaceUsage {
  /** The id. */
  readonly namespace: string;
  readonly entries: number;
  /** Of keys, values, metadata and content types, without what the engine adds. */
  readonly bytes: number;
  /** Of data in a cluster: into how many buckets its keys are divided, and what the largest of them holds. */
  readonly buckets?: BucketUsage | undefined;
}

export interface BucketUsage {
  readonly count: number;
  readonly largestEntries: number;
  readonly largestBytes: number;
  /** A sentence, if the namespace should be copied to one with more buckets. */
  readonly advice: string | null;
}

/** Figures that an engine has at hand, without looking at entries. */
export interface StorageFigures {
  /** What the data take on disk, in bytes. */
  readonly dataBytes: number;
  /** How large the data may become, in bytes. */
  readonly dataBytesMax: number;
  /** What is free on the disk for this user, and the size of the disk, in bytes. */
  readonly diskFreeBytes: number;
  readonly diskBytes: number;
  /** How long the oldest expired entry has waited to be reclaimed, in milliseconds. 0 if none waits. */
  readonly sweepOverdueMs: number;
  /** Entries whose expiration is stored, the expired ones included. */
  readonly expiringEntries: number;
  /** Expired entries that this process has reclaimed. */
  readonly sweptTotal: number;
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
  /**
   * Counts what every namespace holds, those without entries included. It reads every entry, in slices between
   * which other work runs. Writes meanwhile may be counted or not. A cluster knows the numbers of entries, and
   * estimates bytes from a sample of each bucket.
   */
  usage?(): Promise<readonly NamespaceUsage[]>;
  /** Costs a few lookups. */
  storage?(): MaybePromise<StorageFigures>;
  /** The state of the cluster behind the store. Asks its nodes if that was not done just now. */
  cluster?(): Promise<ClusterFigures>;
}
