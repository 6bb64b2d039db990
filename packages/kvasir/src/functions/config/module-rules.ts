import globToRegExp from "glob-to-regexp";

/** wrangler's types of modules, except those of Python. */
export type ModuleType = "Text" | "Data" | "CompiledWasm" | "ESModule" | "CommonJS";

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

/** One glob of a rule. */
export interface ModulePattern {
  readonly type: ModuleType;
  readonly glob: string;
  /** Matches the text of an import. Stars match slashes, as in wrangler. */
  readonly specifier: RegExp;
  /** Matches the path of a file in the module root. Only two stars match slashes. */
  readonly file: RegExp;
}

export interface ModulePatterns {
  /** The globs that apply, in the order in which they are tried. */
  readonly active: readonly ModulePattern[];
  /** The globs of rules behind one of the same type that does not say `fallthrough`. */
  readonly hidden: readonly ModulePattern[];
}

/** The globs of a config's rules and of the default rules. */
export function modulePatterns(rules: readonly ModuleRule[]): ModulePatterns {
  const closed = new Set<string>();
  const active: ModulePattern[] = [];
  const hidden: ModulePattern[] = [];
  for (const rule of [...rules, ...DEFAULT_RULES]) {
    (closed.has(rule.type) ? hidden : active).push(...rule.globs.map((glob) => patternOf(rule.type, glob)));
    if (rule.fallthrough !== true) closed.add(rule.type);
  }
  return { active, hidden };
}

function patternOf(type: string, glob: string): ModulePattern {
  return {
    type: type as ModuleType,
    glob,
    specifier: globToRegExp(glob),
    file: globToRegExp(glob, { globstar: true }),
  };
}
