import { invalidOption } from "../shared/options.js";

/** The user of a decision: an id, or an id with the attributes that rules check. */
export type FlagUser = string | { readonly id: string; readonly [attribute: string]: unknown };

/**
 * The id that rollouts and variants depend on.
 *
 * @throws KvError `option_invalid` for a user without an id. If they counted as one user called "undefined",
 *   either all or none of them would be in a rollout
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
  // Only own properties: a rule for "constructor" must not find that of Object.
  return Object.hasOwn(user, attribute) ? user[attribute] : undefined;
}
