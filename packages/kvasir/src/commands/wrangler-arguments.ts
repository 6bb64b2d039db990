/**
 * Rewrites boolean flags to a form that commander understands. wrangler accepts `--preview false`,
 * `--preview=false` and `--no-preview`; commander would take `false` for the next argument.
 */
export function normaliseArguments(argv: readonly string[]): string[] {
  const result: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? "";
    if (word === "--") return [...result, ...argv.slice(index)];
    const [given = "", inline] = word.split(/=(.*)/s);
    const flag = SYNONYMS[given] ?? given;
    if (!BOOLEAN_FLAGS.has(flag)) {
      result.push(flag + word.slice(given.length));
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
  "--minify",
  "--bundle",
  "--latest",
  "--test-scheduled",
  "--live-reload",
  "--show-interactive-dev-session",
]);

/** wrangler's other names for flags. */
const SYNONYMS: Readonly<Record<string, string>> = {
  "--ip": "--host",
  "--compatibility-flag": "--compatibility-flags",
};

/** Flags of which `false` differs from a flag that is not given. */
const NEGATABLE = new Set(["--preview", "--bundle", "--show-interactive-dev-session"]);

function negated(flag: string): string[] {
  return NEGATABLE.has(flag) ? [flag.replace(/^--/, "--no-")] : [];
}
