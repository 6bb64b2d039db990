import { stableFraction } from "./hash.js";
import { VARIANTS_MAX } from "./limits.js";
import { invalidOption } from "./options.js";

/** The weight of each variant. Its share is its weight divided by the sum of all weights. */
export type Weights = Readonly<Record<string, number>>;

/**
 * Chooses a variant for a subject. The choice is always the same, and each variant is chosen as often as its
 * weight says. This is weighted rendezvous hashing: every variant draws a number for the subject, and the
 * largest one wins. A new variant wins its share from all others and moves no other subject. A removed
 * variant gives its share to the remaining ones.
 *
 * @returns `null` if no variant has a positive weight
 */
export function weightedChoice(weights: Weights, subject: readonly string[]): string | null {
  let winner: string | null = null;
  let largest = -1;
  for (const variant of Object.keys(weights).sort()) {
    const weight = weights[variant] ?? 0;
    if (weight === 0) continue;
    // For a uniform u, the variant wins with a probability equal to its share of the weights.
    const drawn = weight / -Math.log(stableFraction(...subject, variant));
    if (drawn <= largest) continue;
    winner = variant;
    largest = drawn;
  }
  return winner;
}

/**
 * @throws KvError `option_invalid` unless there is at least one variant, no weight is negative,
 *   and at least one is positive
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
