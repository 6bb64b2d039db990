import type { Count } from "./experiment-keys.js";
import type { Exposure } from "./exposure-log.js";

/** The counts of a variant. */
export interface VariantResult {
  readonly assigned: number;
  readonly exposures: number;
  /** Number of users who have reached each goal. */
  readonly conversions: Readonly<Record<string, number>>;
}

/** How an experiment stores assignments and exposures. */
export interface Assignments {
  assign(user: string): Promise<string>;
  expose(user: string): Promise<string>;
  /** @returns the user's variant; `null` for a user who has none */
  convert(user: string, goal: string): Promise<string | null>;
  /** Counts of the variants that have any. */
  results(): Promise<Map<string, VariantResult>>;
  exposures(): AsyncIterable<Exposure>;
  clear(): Promise<number>;
}

/** Adds to the counts of a variant. */
export function addTo(
  results: Map<string, VariantResult>,
  { variant, counted, goal }: Count,
  count: number,
): void {
  const { conversions, ...sums } = results.get(variant) ?? NOBODY;
  if (counted === "conversions") {
    const sum = (Object.hasOwn(conversions, goal) ? (conversions[goal] ?? 0) : 0) + count;
    results.set(variant, { ...sums, conversions: { ...conversions, [goal]: sum } });
  } else {
    results.set(variant, { ...sums, conversions, [counted]: sums[counted] + count });
  }
}

export const NOBODY: VariantResult = { assigned: 0, exposures: 0, conversions: {} };
