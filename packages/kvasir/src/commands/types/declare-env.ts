import { relative } from "node:path";
import type { WorkerConfig } from "../../functions/config/function-config.js";
import type { ModuleRule } from "../../functions/config/module-rules.js";
import { bindingTypes, type EntryModule } from "./binding-types.js";
import { declareExtensions } from "./declare-extensions.js";
import { TYPES_HEADER } from "./types-header.js";

export interface DeclareEnvOptions {
  /** The name of the type of `env`. */
  readonly interfaceName: string;
  /** Where the declarations will be written. The import of the entry module is relative to it. */
  readonly folder: string;
  /** The names that the entry module exports. */
  readonly exports: ReadonlySet<string>;
  /** Patterns of modules that another file declares. Two declarations of one module would clash. */
  readonly declaredModules: ReadonlySet<string>;
}

/** The settings of a config at its top level and in each `env.<name>`. */
export interface ConfigVariants {
  readonly top: WorkerConfig;
  readonly environments: ReadonlyMap<string, WorkerConfig>;
}

/** Declares a config's bindings and vars as `wrangler types` does. */
export function declareEnv({ top, environments }: ConfigVariants, options: DeclareEnvOptions): string {
  const base = `__BaseEnv_${options.interfaceName}`;
  const membersFor = (config: WorkerConfig) =>
    membersOf(config, { specifier: mainSpecifier(config, options.folder), exports: options.exports });
  const all = [top, ...environments.values()].map(membersFor);
  const lines = [
    "/* eslint-disable */",
    `${TYPES_HEADER} Run it again after you change the config.`,
    ...declareInterface(base, mergeMembers(all)),
    "declare namespace Cloudflare {",
    ...indent(declareMainModule(top, options.folder)),
    ...[...environments].flatMap(([name, config]) =>
      indent(declareInterface(`${pascalCase(name)}Env`, requiredMembers(membersFor(config)))),
    ),
    `\tinterface Env extends ${base} {}`,
    "}",
    `interface ${options.interfaceName} extends ${base} {}`,
    ...declareModules(top.rules, options.declaredModules),
    ...declareExtensions(),
  ];
  return `${lines.join("\n")}\n`;
}

/** The TypeScript type of each member, by name. */
type Members = ReadonlyMap<string, string>;

function membersOf(config: WorkerConfig, entry: EntryModule): Members {
  const { kvNamespaces, vars, localVarNames, requiredSecrets = [] } = config;
  const secret = new Set(localVarNames);
  return new Map([
    ...kvNamespaces.map(({ binding }) => [binding, "KVNamespace"] as const),
    // The value of a secret may change without a change of the config, that of a var may not.
    ...Object.entries(vars).map(
      ([name, value]) => [name, secret.has(name) ? "string" : literalType(value)] as const,
    ),
    ...requiredSecrets.map((name) => [name, "string"] as const),
    ...bindingTypes(config, entry),
  ]);
}

/** JSON text is also a valid TypeScript type, with tuples and quoted names. */
function literalType(value: unknown): string {
  return JSON.stringify(value) ?? "unknown";
}

function mergeMembers(all: readonly Members[]): string[] {
  const names = new Set(all.flatMap((members) => [...members.keys()]));
  return [...names].flatMap((name) => {
    const types = all.map((members) => members.get(name)).filter((type) => type !== undefined);
    // Code must not rely on a member that one environment lacks.
    const mark = types.length < all.length ? "?" : "";
    return declareMember(`${propertyName(name)}${mark}`, [...new Set(types)].join(" | "));
  });
}

function requiredMembers(members: Members): string[] {
  return [...members].flatMap(([name, type]) => declareMember(propertyName(name), type));
}

/** Types that only Cloudflare's declarations have. Without those, the member is `any`. */
const CLOUDFLARES = /\b(?:DurableObjectNamespace|Fetcher|RateLimit|Service|WorkerVersionMetadata)\b/;

function declareMember(name: string, type: string): string[] {
  const line = `${name}: ${type};`;
  return CLOUDFLARES.test(type) && !type.startsWith('"')
    ? ["// @ts-ignore -- any without Cloudflare's types", line]
    : [line];
}

function declareInterface(name: string, members: readonly string[]): string[] {
  if (members.length === 0) return [`interface ${name} {}`];
  return [`interface ${name} {`, ...indent(members), "}"];
}

function declareMainModule(config: WorkerConfig, folder: string): string[] {
  const specifier = mainSpecifier(config, folder);
  if (specifier === undefined) return [];
  const { classes = [], unmigrated = [] } = config.durableObjects ?? {};
  const namespaces = classes.flatMap(({ className }) =>
    unmigrated.includes(className) ? [] : [JSON.stringify(className)],
  );
  return declareInterface("GlobalProps", [
    `mainModule: typeof import(${specifier});`,
    ...(namespaces.length === 0 ? [] : [`durableNamespaces: ${namespaces.join(" | ")};`]),
  ]);
}

function mainSpecifier({ main }: WorkerConfig, folder: string): string | undefined {
  if (main === undefined) return undefined;
  const path = relative(folder, main)
    .replaceAll("\\", "/")
    .replace(/\.[cm]?[jt]sx?$/, "");
  return JSON.stringify(path.startsWith(".") ? path : `./${path}`);
}

const MODULE_TYPES: Readonly<Record<string, string>> = {
  Text: "string",
  Data: "ArrayBuffer",
  CompiledWasm: "WebAssembly.Module",
};
const DEFAULT_MODULES = [
  ["*.txt", "Text"],
  ["*.html", "Text"],
  ["*.sql", "Text"],
  ["*.bin", "Data"],
  ["*.wasm", "CompiledWasm"],
  ["*.wasm?module", "CompiledWasm"],
] as const;

function declareModules(rules: readonly ModuleRule[], declared: ReadonlySet<string>): string[] {
  const own = rules.flatMap(({ type, globs }) =>
    globs.map((glob) => [glob.replace(/^\*\*\//, ""), type] as const),
  );
  const types = new Map<string, string>([...DEFAULT_MODULES, ...own]);
  return [...types].flatMap(([pattern, rule]) => {
    const type = MODULE_TYPES[rule];
    // A module pattern of TypeScript has exactly one asterisk.
    if (type === undefined || pattern.split("*").length !== 2 || declared.has(pattern)) return [];
    return [
      `declare module ${JSON.stringify(pattern)} {`,
      `\tconst value: ${type};`,
      "\texport default value;",
      "}",
    ];
  });
}

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function pascalCase(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `\t${line}`);
}
