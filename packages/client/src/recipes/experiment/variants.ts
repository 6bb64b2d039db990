import { invalidOption, nonEmptyText } from "../shared/options.js";
import { checkedWeights, type Weights, weightedChoice } from "../shared/weighted-choice.js";
import { NAME_LENGTH_MAX } from "./limits.js";

export interface VariantsOptions {
  /**
   * The name of the experiment, at most 64 characters. Every choice depends on it: a new name changes assignments.
   */
  readonly name: string;
  /**
   * The share of each variant, such as `{ control: 1, blue: 1 }`. A variant with weight 0 gets no new users
   * but keeps those that it has. The same holds for a variant that is left out.
   */
  readonly variants: Weights;
  /** Withdrawn variants. Their users get another variant at the next call. @default none */
  readonly retired?: readonly string[] | undefined;
}

/** The variants of an experiment, and the choice for a user without a stored assignment. */
export class Variants {
  readonly names: readonly string[];
  readonly #experiment: string;
  readonly #weights: Weights;
  readonly #retired: ReadonlySet<string>;

  /** @throws KvError `option_invalid` */
  constructor({ name, variants, retired = [] }: VariantsOptions) {
    this.#experiment = shortName("name", name);
    this.#weights = checkedWeights("variants", variants);
    this.names = Object.keys(this.#weights);
    for (const variant of this.names) shortName("variant", variant);
    if (!Array.isArray(retired)) throw invalidOption("retired", retired, "an array of names");
    this.#retired = new Set(retired);
    const both = this.names.find((variant) => this.#retired.has(variant));
    if (both !== undefined)
      throw invalidOption("retired", both, "names that are no longer among the variants");
  }

  choose(user: string): string {
    // Never null, because at least one weight is positive.
    return weightedChoice(this.#weights, ["experiment", this.#experiment, user]) as string;
  }

  /** Whether a stored assignment is valid. One to an unknown variant is: a newer release may have made it. */
  keeps(variant: string): boolean {
    return !this.#retired.has(variant);
  }
}

function shortName(what: string, value: unknown): string {
  const name = nonEmptyText(what, value);
  if (name.length <= NAME_LENGTH_MAX) return name;
  throw invalidOption(what, name, `at most ${NAME_LENGTH_MAX} characters`);
}
