import type { KVBinding } from "../../typed/binding.js";
import { type Guarantee, type GuaranteeOf, recipeBinding } from "../binding.js";
import type { OptionNames } from "../option-names.js";
import { invalidOption, RECIPE_OPTION_NAMES, type RecipeOptions, surroundings } from "../options.js";
import { storeErrorChoice } from "../store-errors.js";
import type { VariantResult } from "./assignments.js";
import { ExperimentKeys } from "./experiment-keys.js";
import type { Exposure, ExposureCounting } from "./exposure-log.js";
import { hashedAssignments } from "./hashed-assignments.js";
import { stickyAssignments } from "./sticky-assignments.js";
import { Variants, type VariantsOptions } from "./variants.js";

export interface ExperimentOptions extends RecipeOptions, VariantsOptions {
  /** Whether `expose` counts a user's first exposure alone or every one. @default "once" */
  readonly exposures?: ExposureCounting | undefined;
  /**
   * What `assign` and `expose` answer while the store is away: the variant that the weights give the user (`hashed`), who
   * then meets another one only if the weights were changed since theirs was assigned; or a rejection (`throw`). Nothing
   * is noted of such an exposure.
   *
   * @default "hashed"
   */
  readonly onStoreError?: "hashed" | "throw" | undefined;
  /** @default "experiment:" */
  readonly prefix?: string | undefined;
}

export interface Experiment<G extends Guarantee = Guarantee> {
  /**
   * `atomic`: a user keeps the variant that was assigned first, whoever asks and whatever becomes of the weights, and
   * the counts are exact. `best-effort`, on plain Workers KV: the variant follows from the weights alone, so that a
   * change of them moves users; exposures are there when the writes have arrived.
   */
  readonly guarantee: G;
  /**
   * The user's variant; the first call decides it.
   *
   * One request, two when it is decided. On plain Workers KV none.
   */
  assign(user: string): Promise<string>;
  /**
   * The same, and notes that the user met it. With exposures counted `once` a repetition is safe, also after an error
   * that leaves it open whether it was noted; with `every` it may then count twice.
   *
   * One request, two when it is noted.
   */
  expose(user: string): Promise<string>;
  /**
   * How many users each variant has, and how many exposures were counted. With atomics one request; on plain Workers
   * KV the exposures are listed, 1,000 a request, and nobody is assigned.
   */
  results(): Promise<Readonly<Record<string, VariantResult>>>;
  /** Every exposure that was counted, by user. One request for each 1,000. */
  exposures(): AsyncIterable<Exposure>;
  /** Forgets all that is stored of the experiment. @returns how many entries that were */
  clear(): Promise<number>;
}

/**
 * Shows each user one of several variants, always the same, and counts.
 *
 * Who is new gets a variant by weighted rendezvous hashing of the user's id: evenly, and the same wherever it is
 * reckoned; a new variant takes its share from all others and moves nobody else.
 *
 * @throws KvError `option_invalid`
 * @example
 * const checkout = experiment(env.EXPERIMENTS, { name: "checkout", variants: { control: 1, blue: 1 } });
 * const variant = await checkout.expose(user.id);
 */
export function experiment<Binding extends KVBinding>(
  kv: Binding,
  options: ExperimentOptions,
): Experiment<GuaranteeOf<Binding>> {
  const binding = recipeBinding(kv, { name: "experiment", options, optionNames: OPTION_NAMES });
  const variants = new Variants(options);
  const { exposures: counting = "once" } = options;
  if (counting !== "once" && counting !== "every")
    throw invalidOption("exposures", counting, "once or every");
  const around = { ...surroundings(options, "experiment:"), counting };
  const keys = new ExperimentKeys(around.prefix, options.name);
  const assignments =
    binding.atomic === undefined
      ? hashedAssignments(binding.kv, variants, keys, around)
      : stickyAssignments(binding.atomic, variants, keys, around);

  const onStoreError = storeErrorChoice(options.onStoreError, ["hashed", "throw"]);

  async function orHashed(user: string, ask: () => Promise<string>): Promise<string> {
    try {
      return await ask();
    } catch (error) {
      if (onStoreError === "throw" || !binding.access.isTrouble(error)) throw error;
      return variants.choose(user);
    }
  }

  return {
    guarantee: (binding.atomic === undefined ? "best-effort" : "atomic") as GuaranteeOf<Binding>,
    assign: (user) => orHashed(user, () => assignments.assign(user)),
    expose: (user) => orHashed(user, () => assignments.expose(user)),
    async results() {
      const found = await assignments.results();
      const names = new Set([...variants.names, ...found.keys()]);
      return Object.fromEntries([...names].map((name) => [name, found.get(name) ?? NOBODY]));
    },
    exposures: () => assignments.exposures(),
    clear: () => assignments.clear(),
  };
}

const OPTION_NAMES: OptionNames<ExperimentOptions> = {
  ...RECIPE_OPTION_NAMES,
  name: true,
  variants: true,
  retired: true,
  exposures: true,
  onStoreError: true,
};

const NOBODY: VariantResult = { assigned: 0, exposures: 0 };
