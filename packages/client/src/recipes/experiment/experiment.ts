import type { KVBinding } from "../../typed/binding.js";
import { type Guarantee, type GuaranteeOf, recipeBinding } from "../shared/binding.js";
import { assertKnownOptions } from "../shared/known-options.js";
import type { OptionNames } from "../shared/option-names.js";
import {
  invalidOption,
  nonEmptyText,
  RECIPE_OPTION_NAMES,
  type RecipeOptions,
  surroundings,
} from "../shared/options.js";
import { storeErrorChoice } from "../shared/store-errors.js";
import { NOBODY, type VariantResult } from "./assignments.js";
import { ExperimentKeys } from "./experiment-keys.js";
import type { Exposure, ExposureCounting } from "./exposure-log.js";
import { hashedAssignments } from "./hashed-assignments.js";
import { type ParticipationOptions, participation } from "./participation.js";
import { stickyAssignments } from "./sticky-assignments.js";
import { Variants, type VariantsOptions } from "./variants.js";

export interface ExperimentOptions extends RecipeOptions, VariantsOptions, ParticipationOptions {
  /** Whether `expose` counts only a user's first exposure or every one. @default "once" */
  readonly exposures?: ExposureCounting | undefined;
  /**
   * The result of `assign` and `expose` while the store is unavailable. `hashed`: the variant that the
   * weights give to the user. It differs from the stored one only if the weights have changed since the
   * assignment. `throw`: a rejection. Exposures are not recorded in either case.
   *
   * @default "hashed"
   */
  readonly onStoreError?: "hashed" | "throw" | undefined;
  /** @default "experiment:" */
  readonly prefix?: string | undefined;
}

export interface Experiment<G extends Guarantee = Guarantee> {
  /**
   * `atomic`: a user keeps the variant that was assigned first, also under concurrency and after the weights
   * change, and the counts are exact. `best-effort`, on plain Workers KV: the variant depends only on the
   * weights, so that a change of them moves users. Exposures show up when their writes have arrived.
   */
  readonly guarantee: G;
  /**
   * Returns the user's variant. The first call assigns it.
   *
   * One request, two for the first call. None on plain Workers KV.
   */
  assign(user: string): Promise<string>;
  /**
   * Like `assign`, and records an exposure. If exposures are counted `once`, repeating a call is safe, even
   * after an error that leaves the outcome unknown. With `every`, a repeated call may count twice.
   *
   * One request, two if the exposure is recorded.
   */
  expose(user: string): Promise<string>;
  /**
   * Records that the user has reached a goal, once for each goal. Users without a variant are not counted. Repeating a
   * call is safe.
   *
   * One request, two if the conversion is recorded.
   *
   * @returns the user's variant; `null` if the user has none
   */
  convert(
    user: string,
    options?: { /** @default "converted" */ readonly goal?: string },
  ): Promise<string | null>;
  /**
   * Returns for each variant the number of assigned users, of exposures and of conversions by goal. With atomics one request. On
   * plain Workers KV the exposures are listed, 1,000 in each request, and assignments are not counted.
   */
  results(): Promise<Readonly<Record<string, VariantResult>>>;
  /** Yields every counted exposure, ordered by user. One request for each 1,000. */
  exposures(): AsyncIterable<Exposure>;
  /**
   * Deletes everything that is stored for the experiment.
   *
   * @returns the number of deleted entries
   */
  clear(): Promise<number>;
}

/**
 * Shows each user one of several variants, always the same one, and counts.
 *
 * A new user gets a variant by weighted rendezvous hashing of the user's id. The result is evenly distributed
 * and the same in every process. A new variant takes its share from all others and moves no other user.
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

  const outsider = participation(options, { experiment: options.name, variants: variants.names });
  const onStoreError = storeErrorChoice(options.onStoreError, ["hashed", "throw"]);

  async function orHashed(user: string, ask: () => Promise<string>): Promise<string> {
    const outside = outsider(nonEmptyText("user", user));
    if (outside !== undefined) return outside;
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
    async convert(user, given = {}) {
      assertKnownOptions("convert", given, { goal: true });
      const goal = nonEmptyText("goal", given.goal ?? "converted");
      const outside = outsider(nonEmptyText("user", user));
      return outside ?? assignments.convert(user, goal);
    },
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
  traffic: true,
  holdout: true,
  outside: true,
  overrides: true,
  exposures: true,
  onStoreError: true,
};
