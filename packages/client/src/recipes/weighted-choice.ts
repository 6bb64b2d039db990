import { stableFraction } from "./hash.js";
import { VARIANTS_MAX } from "./limits.js";
import { invalidOption } from "./options.js";

/** How large each variant's share is, against the sum of all; 0: nobody gets it. */
export type Weights = Readonly<Record<string, number>>;

/**
 * The variant of a subject, always the same one, each as often as its weight says: weighted rendezvous hashing, in
 * which every variant draws a number for the subject and the largest wins. A new variant thus wins its share from each
 * of the others and moves nobody else; one that goes gives its share to those that stay.
 *
 * @returns `null` when no variant has any weight
 */
export function weightedChoice(weights: Weights, subject: readonly string[]): string | null {
  let winner: string | null = null;
  let largest = -1;
  for (const variant of Object.keys(weights).sort()) {
    const weight = weights[variant] ?? 0;
    if (weight === 0) continue;
    // -1/ln(u) of an even u, times the weight: the chance to be the largest is the weight's share of the sum.
    const drawn = weight / -Math.log(stableFraction(...subject, variant));
    if (drawn <= largest) continue;
    winner = variant;
    largest = drawn;
  }
  return winner;
}

/**
 * @throws KvError `option_invalid` unless it names at least one variant, with weights that are not negative, of which
 * one is positive
 */
export function checkedWeights(name: string, value: unknown): Weights {
  const expected = 'an object of weights such as { "control": 1, "blue": 1 }';
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalidOption(name, value, expected);
  const weights = Object.entries(value as Record<string, unknown>);
  if (weights.length > VARIANTS_MAX) {
    throw invalidOption(name, `${weights.length} variants`, `at most ${VARIANTS_MAX}`);
  }
  for (const [variant, weight] of weights) {
    if (variant === "") throw invalidOption(name, variant, "names that are not empty");
    if (typeof weight !== "number" || !Number.isFinite(weight) || weight < 0)
      throw invalidOption(`weight of ${JSON.stringify(variant)}`, weight, "a number of at least 0");
  }
  if (!weights.some(([, weight]) => (weight as number) > 0)) {
    throw invalidOption(name, JSON.stringify(value), `${expected}, one of them above 0`);
  }
  return Object.fromEntries(weights) as Weights;
}
