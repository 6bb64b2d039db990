import { invalidOption } from "../options.js";

/** Whom a flag is asked for: an id, or an id with the attributes that rules look at. */
export type FlagUser = string | { readonly id: string; readonly [attribute: string]: unknown };

/**
 * The id that rollouts and variants are reckoned from.
 *
 * @throws KvError `option_invalid` for a user without one: taken for a user called "undefined", all of them would be
 *   in a rollout, or none
 */
export function idOf(user: FlagUser): string {
  const id: unknown = typeof user === "string" ? user : (user as { id?: unknown } | null)?.id;
  if (typeof id === "string" && id !== "") return id;
  throw invalidOption(
    "user",
    id,
    'an id that is not empty, or { id: "…" }; for nobody in particular, undefined',
  );
}

export function attributeOf(user: FlagUser | undefined, attribute: string): unknown {
  if (user === undefined) return undefined;
  if (typeof user === "string") return attribute === "id" ? user : undefined;
  // Own ones only: a rule on "constructor" must not find Object's.
  return Object.hasOwn(user, attribute) ? user[attribute] : undefined;
}
