import { keyPart, recipeKey } from "../shared/key.js";
import { nonEmptyText } from "../shared/options.js";

/** The numbers that are counted for each variant. */
export type Counted = "assigned" | "exposures" | "conversions";

/** What a count is about. `goal` is empty unless conversions are counted. */
export interface Count {
  readonly counted: Counted;
  readonly variant: string;
  readonly goal: string;
}

/** The keys of an experiment's entries. */
export class ExperimentKeys {
  /** The common prefix of all keys. */
  readonly all: string;
  readonly counts: string;
  readonly exposures: string;
  readonly conversions: string;
  readonly #prefix: string;
  readonly #experiment: string;

  constructor(prefix: string, experiment: string) {
    this.#prefix = prefix;
    this.#experiment = experiment;
    this.all = `${recipeKey(prefix, experiment)}:`;
    this.counts = `${this.all}count:`;
    this.exposures = `${this.all}exposure:`;
    this.conversions = `${this.all}conversion:`;
  }

  /** @throws KvError `option_invalid`, `key_too_long` */
  assignment(user: string): string {
    return recipeKey(this.#prefix, this.#experiment, "user", nonEmptyText("user", user));
  }

  /** @param nth distinguishes exposures of one user, if every exposure is counted */
  exposure(user: string, ...nth: readonly (string | number)[]): string {
    return recipeKey(this.#prefix, this.#experiment, "exposure", nonEmptyText("user", user), ...nth);
  }

  /** The entry that says that the user has reached the goal. */
  conversion(user: string, goal: string): string {
    return recipeKey(this.#prefix, this.#experiment, "conversion", nonEmptyText("user", user), goal);
  }

  goalOf(conversionKey: string): string {
    return keyPart(conversionKey.slice(this.conversions.length).split(":")[1] ?? "");
  }

  userOf(exposureKey: string): string {
    return keyPart(exposureKey.slice(this.exposures.length).split(":", 1)[0] ?? "");
  }

  /** @param goal of conversions, each of which has a count of its own */
  count(counted: Counted, variant: string, ...goal: readonly string[]): string {
    return recipeKey(this.#prefix, this.#experiment, "count", counted, variant, ...goal);
  }

  countedBy(countKey: string): Count {
    const [counted = "", variant = "", goal = ""] = countKey.slice(this.counts.length).split(":");
    return { counted: counted as Counted, variant: keyPart(variant), goal: keyPart(goal) };
  }
}
