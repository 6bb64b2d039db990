import { KvError } from "../../namespace/errors.js";
import type { OptionNames } from "./option-names.js";
import { invalidOption } from "./options.js";

/**
 * Refuses options that nobody reads: a misspelled one would silently leave its default in place.
 *
 * @param what the recipe or function, for the error
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

/** The known name that differs only by a few letters in one place. */
function nearestOf(name: string, known: readonly string[]): string | undefined {
  const [nearest] = known
    .map((other) => ({ other, different: differentLetters(name, other) }))
    .sort((one, other) => one.different - other.different);
  return nearest !== undefined && nearest.different <= name.length / 3 + 1 ? nearest.other : undefined;
}

/** Number of letters that remain without the common start and end of two words. */
function differentLetters(one: string, other: string): number {
  const [shorter, longer] = [one.length, other.length].sort((a, b) => a - b) as [number, number];
  let begin = 0;
  let end = 0;
  while (begin < shorter && one[begin] === other[begin]) begin++;
  while (end < shorter - begin && one.at(-1 - end) === other.at(-1 - end)) end++;
  return longer - begin - end;
}
