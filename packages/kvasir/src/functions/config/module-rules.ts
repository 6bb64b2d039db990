/** A kind of file that is imported as a separate module instead of being bundled. */
export type ModuleType = "Text" | "Data" | "CompiledWasm";

export interface ModuleRule {
  readonly type: string;
  readonly globs: readonly string[];
  readonly fallthrough?: boolean | undefined;
}

/** Always apply, after the config's own rules (wrangler: deployment-bundle/rules.ts). */
const DEFAULT_RULES: readonly ModuleRule[] = [
  { type: "Text", globs: ["**/*.txt", "**/*.html", "**/*.sql"] },
  { type: "Data", globs: ["**/*.bin"] },
  { type: "CompiledWasm", globs: ["**/*.wasm", "**/*.wasm?module"] },
];
const MODULE_TYPES: ReadonlySet<string> = new Set<ModuleType>(["Text", "Data", "CompiledWasm"]);

/**
 * Decides which files become text, data or wasm modules. The result is `undefined`
 * for files that esbuild bundles.
 */
export function moduleTypes(rules: readonly ModuleRule[]): (path: string) => ModuleType | undefined {
  const closed = new Set<string>();
  const patterns: { readonly type: ModuleType; readonly pattern: RegExp }[] = [];
  for (const rule of [...rules, ...DEFAULT_RULES]) {
    // A rule hides later rules of the same type unless it sets `fallthrough`.
    if (closed.has(rule.type)) continue;
    if (rule.fallthrough !== true) closed.add(rule.type);
    if (!MODULE_TYPES.has(rule.type)) continue;
    for (const glob of rule.globs)
      patterns.push({ type: rule.type as ModuleType, pattern: globPattern(glob) });
  }
  return (path) => {
    const slashed = path.replaceAll("\\", "/");
    return patterns.find(({ pattern }) => pattern.test(slashed))?.type;
  };
}

/**
 * `*` stays within a folder, `**` crosses folders, `?` is literal. A glob without a slash matches at any
 * depth.
 */
function globPattern(glob: string): RegExp {
  const rooted = glob.replace(/^\.?\//, "");
  const deep = rooted.includes("/") ? rooted : `**/${rooted}`;
  const source = deep.replace(/\*\*\/|\*\*|\*|[.+?^${}()|[\]\\]/g, (token) => {
    if (token === "**/") return "(?:.*/)?";
    if (token === "**") return ".*";
    return token === "*" ? "[^/]*" : `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}
