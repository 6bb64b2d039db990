import { KvError } from "../errors.js";
import { invalidOption } from "./options.js";

/**
 * The names of all options of a type. The compiler refuses a list that lacks one or has another, so that what the types
 * take and what a program may pass are the same.
 */
export type OptionNames<Options> = { readonly [Name in keyof Options]-?: true };

/**
 * Refuses options that nobody reads: a misspelled one would silently leave its default in place.
 *
 * @param what who takes the options, for the error
 * @throws KvError `option_invalid`
 */
export function assertKnownOptions<Options extends object>(
  what: string,
  options: Options,
  names: OptionNames<Options>,
): void {
  if (typeof options !== "object" || options === null) {
    throw invalidOption(`options of ${what}`, options, "an object");
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(names, name)) continue;
    const known = Object.keys(names);
    const nearest = nearestOf(name, known);
    throw new KvError("option_invalid", `${what} has no option ${JSON.stringify(name)}.`, {
      hint: nearest === undefined ? `It takes ${known.join(", ")}.` : `Did you mean ${nearest}?`,
    });
  }
}

/** The name that few typing errors turn into this one. */
function nearestOf(name: string, known: readonly string[]): string | undefined {
  const editsMax = Math.max(1, Math.floor(name.length / 3));
  const near = known.map((other) => ({
    other,
    edits: editsBetween(name.toLowerCase(), other.toLowerCase()),
  }));
  near.sort((one, other) => one.edits - other.edits);
  return near[0] !== undefined && near[0].edits <= editsMax ? near[0].other : undefined;
}

/** Levenshtein's distance. */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let at = 0; at < one.length; at++) {
    const next = [at + 1];
    for (let to = 0; to < other.length; to++) {
      const replaced = (row[to] as number) + (one[at] === other[to] ? 0 : 1);
      next.push(Math.min(replaced, (row[to + 1] as number) + 1, (next[to] as number) + 1));
    }
    row = next;
  }
  return row[other.length] as number;
}
