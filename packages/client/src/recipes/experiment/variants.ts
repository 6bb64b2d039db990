import { invalidOption, nonEmptyText } from "../options.js";
import { checkedWeights, type Weights, weightedChoice } from "../weighted-choice.js";
import { NAME_LENGTH_MAX } from "./limits.js";

export interface VariantsOptions {
  /** Of the experiment, at most 64 characters. It is part of every choice: another name assigns anew. */
  readonly name: string;
  /**
   * How large each variant's share is, such as `{ control: 1, blue: 1 }`. A variant of weight 0 gets no new users and
   * keeps those it has, as one does that is left out.
   */
  readonly variants: Weights;
  /** Variants that were withdrawn: whoever has one gets another when next asked for. @default none */
  readonly retired?: readonly string[] | undefined;
}

/** The variants of an experiment, and who gets which as long as nothing is stored of them. */
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
    // Never null, for one of the weights is positive.
    return weightedChoice(this.#weights, ["experiment", this.#experiment, user]) as string;
  }

  /** Whether an assignment that was made holds. One to a variant unknown here does: a newer release made it. */
  keeps(variant: string): boolean {
    return !this.#retired.has(variant);
  }
}

function shortName(what: string, value: unknown): string {
  const name = nonEmptyText(what, value);
  if (name.length <= NAME_LENGTH_MAX) return name;
  throw invalidOption(what, name, `at most ${NAME_LENGTH_MAX} characters`);
}
