/**
 * Rewrites boolean flags to a form that commander understands. wrangler accepts `--preview false`,
 * `--preview=false` and `--no-preview`; commander would take `false` for the next argument.
 */
export function normaliseArguments(argv: readonly string[]): string[] {
  const result: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? "";
    if (word === "--") return [...result, ...argv.slice(index)];
    const [flag = "", inline] = word.split(/=(.*)/s);
    if (!BOOLEAN_FLAGS.has(flag)) {
      result.push(word);
      continue;
    }
    const next = argv[index + 1];
    const value = inline ?? (next === "true" || next === "false" ? argv[++index] : "true");
    if (value === "true") result.push(flag);
    else if (value === "false") result.push(...negated(flag));
    else result.push(word);
  }
  return result;
}

const BOOLEAN_FLAGS = new Set([
  "--preview",
  "--text",
  "--local",
  "--remote",
  "--json",
  "--skip-confirmation",
  "--force",
]);

/** For all flags but `--preview`, `false` means the same as a flag that is not given. */
function negated(flag: string): string[] {
  return flag === "--preview" ? ["--no-preview"] : [];
}
