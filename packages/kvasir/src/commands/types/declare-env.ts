import { relative } from "node:path";
import type { WorkerConfig } from "../../functions/config/function-config.js";
import type { ModuleRule } from "../../functions/config/module-rules.js";
import { declareExtensions } from "./declare-extensions.js";
import { TYPES_HEADER } from "./types-header.js";

export interface DeclareEnvOptions {
  /** The name of the type of `env`. */
  readonly interfaceName: string;
  /** Where the declarations will be written. The import of the entry module is relative to it. */
  readonly folder: string;
}

/** The settings of a config at its top level and in each `env.<name>`. */
export interface ConfigVariants {
  readonly top: WorkerConfig;
  readonly environments: ReadonlyMap<string, WorkerConfig>;
}

/** Declares a config's bindings and vars as `wrangler types` does. */
export function declareEnv({ top, environments }: ConfigVariants, options: DeclareEnvOptions): string {
  const base = `__BaseEnv_${options.interfaceName}`;
  const all = [top, ...environments.values()].map(membersOf);
  const lines = [
    "/* eslint-disable */",
    `${TYPES_HEADER} Run it again after you change the config.`,
    ...declareInterface(base, mergeMembers(all)),
    "declare namespace Cloudflare {",
    ...indent(declareMainModule(top, options.folder)),
    ...[...environments].flatMap(([name, config]) =>
      indent(declareInterface(`${pascalCase(name)}Env`, requiredMembers(membersOf(config)))),
    ),
    `\tinterface Env extends ${base} {}`,
    "}",
    `interface ${options.interfaceName} extends ${base} {}`,
    ...declareModules(top.rules),
    ...declareExtensions(),
  ];
  return `${lines.join("\n")}\n`;
}

/** The TypeScript type of each member, by name. */
type Members = ReadonlyMap<string, string>;

function membersOf({ kvNamespaces, vars, localVarNames }: WorkerConfig): Members {
  const secret = new Set(localVarNames);
  return new Map([
    ...kvNamespaces.map(({ binding }) => [binding, "KVNamespace"] as const),
    // The value of a secret may change without a change of the config, that of a var may not.
    ...Object.entries(vars).map(
      ([name, value]) => [name, secret.has(name) ? "string" : literalType(value)] as const,
    ),
  ]);
}

/** JSON text is also a valid TypeScript type, with tuples and quoted names. */
function literalType(value: unknown): string {
  return JSON.stringify(value) ?? "unknown";
}

function mergeMembers(all: readonly Members[]): string[] {
  const names = new Set(all.flatMap((members) => [...members.keys()]));
  return [...names].map((name) => {
    const types = all.map((members) => members.get(name)).filter((type) => type !== undefined);
    // Code must not rely on a member that one environment lacks.
    const mark = types.length < all.length ? "?" : "";
    return `${propertyName(name)}${mark}: ${[...new Set(types)].join(" | ")};`;
  });
}

function requiredMembers(members: Members): string[] {
  return [...members].map(([name, type]) => `${propertyName(name)}: ${type};`);
}

function declareInterface(name: string, members: readonly string[]): string[] {
  if (members.length === 0) return [`interface ${name} {}`];
  return [`interface ${name} {`, ...indent(members), "}"];
}

function declareMainModule({ main }: WorkerConfig, folder: string): string[] {
  if (main === undefined) return [];
  const path = relative(folder, main)
    .replaceAll("\\", "/")
    .replace(/\.[cm]?[jt]sx?$/, "");
  const specifier = JSON.stringify(path.startsWith(".") ? path : `./${path}`);
  return declareInterface("GlobalProps", [`mainModule: typeof import(${specifier});`]);
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

function declareModules(rules: readonly ModuleRule[]): string[] {
  const own = rules.flatMap(({ type, globs }) =>
    globs.map((glob) => [glob.replace(/^\*\*\//, ""), type] as const),
  );
  const types = new Map<string, string>([...DEFAULT_MODULES, ...own]);
  return [...types].flatMap(([pattern, rule]) => {
    const type = MODULE_TYPES[rule];
    // A module pattern of TypeScript has exactly one asterisk.
    if (type === undefined || pattern.split("*").length !== 2) return [];
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
