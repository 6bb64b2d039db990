/**
 * A pattern of `_headers` and `_redirects`: `*` stands for any text and is named `splat`, `:name` for a part
 * of a path or of a host. Returns `undefined` for a pattern that cannot be compiled.
 */
export function rulePattern(rule: string): ((url: URL) => Record<string, string> | undefined) | undefined {
  let source = rule.split("*").map(escaped).join("(?<splat>.*)");
  source = source.replace(HOST_NAME, "(?<$1>[^/.]+)").replace(PATH_NAME, "(?<$1>[^/]+)");
  let pattern: RegExp;
  try {
    pattern = new RegExp(`^${source}$`);
  } catch {
    // A name that stands twice. wrangler leaves such rules out.
    return undefined;
  }
  const hasHost = rule.startsWith("https://");
  return ({ hostname, pathname }) => {
    const match = pattern.exec(hasHost ? `https://${hostname}${pathname}` : pathname);
    return match === null ? undefined : { ...match.groups };
  };
}

/** Replaces `:name` by what the pattern found. */
export function filled(text: string, found: Readonly<Record<string, string>>): string {
  return Object.entries(found).reduce((all, [name, value]) => all.replaceAll(`:${name}`, () => value), text);
}

/** A pattern in which only `*` has a meaning (`run_worker_first`). */
export function globPattern(rule: string): RegExp {
  return new RegExp(`^${rule.split("*").map(escaped).join(".*")}$`);
}

const HOST_NAME = /(?<=^https:\\\/\\\/[^/]*?):([A-Za-z]\w*)(?=\\)/g;
const PATH_NAME = /:([A-Za-z]\w*)/g;

function escaped(text: string): string {
  return text.replace(/[-/\\^$*+?.()|[\]{}]/g, "\\$&");
}
