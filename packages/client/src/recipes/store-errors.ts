import { invalidOption } from "./options.js";

/**
 * What a recipe does while the store is away.
 *
 * @throws KvError `option_invalid` for what the recipe cannot do
 */
export function storeErrorChoice<const Choice extends string>(
  value: Choice | undefined,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  if (value === undefined) return choices[0];
  if (choices.includes(value)) return value;
  throw invalidOption("onStoreError", value, `one of ${choices.map((each) => `"${each}"`).join(", ")}`);
}
