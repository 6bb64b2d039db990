import type { CopyTotals } from "@kvasir/store";
import type { Verification } from "./verify.js";

/** What became of a copy. */
export interface CopyOutcome {
  readonly totals: CopyTotals;
  /** Missing for a trial, and if nothing was left to do. */
  readonly verification?: Verification;
  readonly dryRun: boolean;
  /** The key that was there already, at which the copy ended. */
  readonly stoppedAt?: string | null;
  /** The file of an earlier run that has copied everything. */
  readonly doneBefore?: string | undefined;
  /** How many entries an earlier run had copied. */
  readonly resumedAt: number;
  /** Entries whose content type the target cannot keep. */
  readonly contentTypesLost: number;
}
