import { keyPart, recipeKey } from "../shared/key.js";
import { nonEmptyText } from "../shared/options.js";

/** The numbers that are counted for each variant. */
export type Counted = "assigned" | "exposures";

/** The keys of an experiment's entries. */
export class ExperimentKeys {
  /** The common prefix of all keys. */
  readonly all: string;
  readonly counts: string;
  readonly exposures: string;
  readonly #prefix: string;
  readonly #experiment: string;

  constructor(prefix: string, experiment: string) {
    this.#prefix = prefix;
    this.#experiment = experiment;
    this.all = `${recipeKey(prefix, experiment)}:`;
    this.counts = `${this.all}count:`;
    this.exposures = `${this.all}exposure:`;
  }

  /** @throws KvError `option_invalid`, `key_too_long` */
  assignment(user: string): string {
    return recipeKey(this.#prefix, this.#experiment, "user", nonEmptyText("user", user));
  }

  /** @param nth distinguishes exposures of one user, if every exposure is counted */
  exposure(user: string, ...nth: readonly (string | number)[]): string {
    return recipeKey(this.#prefix, this.#experiment, "exposure", nonEmptyText("user", user), ...nth);
  }

  userOf(exposureKey: string): string {
    return keyPart(exposureKey.slice(this.exposures.length).split(":", 1)[0] ?? "");
  }

  count(counted: Counted, variant: string): string {
    return recipeKey(this.#prefix, this.#experiment, "count", counted, variant);
  }

  countedBy(countKey: string): { readonly counted: Counted; readonly variant: string } {
    const [counted = "", variant = ""] = countKey.slice(this.counts.length).split(":");
    return { counted: counted as Counted, variant: keyPart(variant) };
  }
}
