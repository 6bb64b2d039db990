import { stableFraction } from "../shared/hash.js";
import { invalidOption, nonEmptyText, numberBetween } from "../shared/options.js";

export interface ParticipationOptions {
  /**
   * The share of users who take part, 0 to 1. If it is raised, users who took part still do. @default 1
   */
  readonly traffic?: number | undefined;
  /** A group of users whom no experiment with the same holdout includes. @default none */
  readonly holdout?: { readonly name: string; readonly share: number } | undefined;
  /** The variant of users who do not take part. @default the first variant */
  readonly outside?: string | undefined;
  /** Fixed variants of some users, such as testers. They are not counted. @default none */
  readonly overrides?: Readonly<Record<string, string>> | undefined;
}

/**
 * Decides who takes part in an experiment.
 *
 * @returns the variant of a user who does not take part and is not counted; `undefined` for all others
 * @throws KvError `option_invalid`
 */
export function participation(
  { traffic = 1, holdout, outside, overrides = {} }: ParticipationOptions,
  { experiment, variants }: { readonly experiment: string; readonly variants: readonly string[] },
): (user: string) => string | undefined {
  const share = numberBetween("traffic", traffic, { min: 0, max: 1 });
  const held = holdout && {
    name: nonEmptyText("name of the holdout", holdout.name),
    share: numberBetween("share of the holdout", holdout.share, { min: 0, max: 1 }),
  };
  const known = (what: string, variant: string) => {
    if (!variants.includes(variant)) throw invalidOption(what, variant, `one of ${variants.join(", ")}`);
    return variant;
  };
  const other = known("outside", outside ?? (variants[0] as string));
  for (const [user, variant] of Object.entries(overrides)) known(`override of ${user}`, variant);
  return (user) => {
    if (Object.hasOwn(overrides, user)) return overrides[user];
    if (held !== undefined && stableFraction("holdout", held.name, user) < held.share) return other;
    return stableFraction("traffic", experiment, user) < share ? undefined : other;
  };
}
