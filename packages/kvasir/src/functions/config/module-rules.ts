/** A kind of file that is imported as a module of its own rather than bundled. */
export type ModuleType = "Text" | "Data" | "CompiledWasm";

export interface ModuleRule {
  readonly type: string;
  readonly globs: readonly string[];
  readonly fallthrough?: boolean | undefined;
}

/** Always in force, after the config's own (wrangler: deployment-bundle/rules.ts). */
const DEFAULT_RULES: readonly ModuleRule[] = [
  { type: "Text", globs: ["**/*.txt", "**/*.html", "**/*.sql"] },
  { type: "Data", globs: ["**/*.bin"] },
  { type: "CompiledWasm", globs: ["**/*.wasm", "**/*.wasm?module"] },
];
const MODULE_TYPES: ReadonlySet<string> = new Set<ModuleType>(["Text", "Data", "CompiledWasm"]);

/** Tells which files become text, data or wasm modules. Answers `undefined` for what esbuild bundles. */
export function moduleTypes(rules: readonly ModuleRule[]): (path: string) => ModuleType | undefined {
  const closed = new Set<string>();
  const patterns: { readonly type: ModuleType; readonly pattern: RegExp }[] = [];
  for (const rule of [...rules, ...DEFAULT_RULES]) {
    // A rule hides later ones of its type, unless it says `fallthrough`.
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

/** `*` stays within a folder, `**` crosses them, a glob without a slash matches at any depth; `?` is itself. */
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
