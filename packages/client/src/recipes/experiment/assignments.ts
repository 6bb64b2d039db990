import type { Counted } from "./experiment-keys.js";
import type { Exposure } from "./exposure-log.js";

/** The counts of a variant. */
export type VariantResult = Readonly<Record<Counted, number>>;

/** How an experiment stores assignments and exposures. */
export interface Assignments {
  assign(user: string): Promise<string>;
  expose(user: string): Promise<string>;
  /** Counts of the variants that have any. */
  results(): Promise<Map<string, VariantResult>>;
  exposures(): AsyncIterable<Exposure>;
  clear(): Promise<number>;
}

/** Adds to the counts of a variant. */
export function addTo(
  results: Map<string, VariantResult>,
  variant: string,
  counted: Counted,
  count: number,
): void {
  const { assigned, exposures } = results.get(variant) ?? { assigned: 0, exposures: 0 };
  const sums = { assigned, exposures };
  sums[counted] += count;
  results.set(variant, sums);
}
