import { invalidOption } from "./options.js";

/**
 * Resolves a recipe's behaviour while the store is unavailable.
 *
 * @throws KvError `option_invalid` for a choice that the recipe does not offer
 */
export function storeErrorChoice<const Choice extends string>(
  value: Choice | undefined,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  if (value === undefined) return choices[0];
  if (choices.includes(value)) return value;
  throw invalidOption("onStoreError", value, `one of ${choices.map((each) => `"${each}"`).join(", ")}`);
}
