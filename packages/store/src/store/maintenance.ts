import type { MaybePromise } from "@kvasir/client/namespace";
import type { CheckReport } from "./check-report.js";

/** Work on the data as a whole. An engine has those members that make sense for it. */
export interface Maintenance {
  /** Compares everything that is stored with everything else that is stored. */
  check?(): MaybePromise<CheckReport>;
  /** Reclaims expired entries now instead of soon. Returns how many there were. */
  sweep?(): Promise<number>;
}
