import type { MaybePromise } from "@kvasir/client/namespace";
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
}
