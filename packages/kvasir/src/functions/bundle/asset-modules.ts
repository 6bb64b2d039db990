import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from "esbuild";
import { type ModulePattern, type ModuleRule, modulePatterns } from "../config/module-rules.js";
import { type FunctionModule, functionModule } from "./function-module.js";
import { isPassedOn, passOn } from "./pass-on.js";
import { resolveRequired, supportRequired } from "./required-module.js";

const NAME = "kvasir-asset-modules";
const REQUIRED = "kvasir-asset-required";

export interface AssetModulesOptions {
  readonly main: string;
  readonly rules: readonly ModuleRule[];
  /** Returns the name of a file that is a module without being imported. */
  readonly additional: (path: string) => string | undefined;
}

/** The text, data and wasm files that a bundle imports. Each becomes a module beside the bundle. */
export class AssetModules {
  readonly #options: AssetModulesOptions;
  readonly #active: readonly ModulePattern[];
  readonly #hidden: readonly ModulePattern[];
  readonly #found = new Map<string, { readonly path: string; readonly type: ModulePattern["type"] }>();

  constructor(options: AssetModulesOptions) {
    this.#options = options;
    const { active, hidden } = modulePatterns(options.rules);
    this.#active = active;
    this.#hidden = hidden;
  }

  /** Absolute paths of the files that the last build imported. */
  get paths(): string[] {
    return [...this.#found.values()].map(({ path }) => path);
  }

  async read(): Promise<FunctionModule[]> {
    return Promise.all(
      [...this.#found].map(async ([name, { path, type }]) =>
        functionModule(name, { path, type, content: await readFile(path) }),
      ),
    );
  }

  plugin(): Plugin {
    // One filter for all rules: an import that matches none costs no round trip to the esbuild process.
    const sources = [
      ...[...this.#active, ...this.#hidden].map(({ specifier }) => specifier.source),
      ...this.#bareNames().map((name) => `^${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`),
    ];
    return {
      name: NAME,
      setup: (build) => {
        build.onStart(() => this.#found.clear());
        // An external path in the code that requires an asset.
        build.onResolve({ filter: /.*/, namespace: REQUIRED }, ({ path }) => ({ path, external: true }));
        build.onResolve({ filter: new RegExp(sources.join("|")) }, (request) =>
          request.kind === "entry-point" || isPassedOn(request, NAME)
            ? undefined
            : this.#resolve(build, request),
        );
        supportRequired(build, REQUIRED);
      },
    };
  }

  async #resolve(build: PluginBuild, request: OnResolveArgs): Promise<OnResolveResult | undefined> {
    const pattern = this.#patternOf(request.path) ?? this.#patternOf(`./${request.path}`);
    if (pattern === undefined) return { errors: [{ text: this.#hiddenRule(request.path) }] };
    const isCode = pattern.type === "ESModule" || pattern.type === "CommonJS";
    const file = request.path.replace(/\?.*$/s, "");
    const resolved = await passOn(build, request, NAME, { path: file });
    const path = resolved.errors.length === 0 ? resolved.path : this.#besides(request, file);
    if (path === undefined) return isCode ? undefined : { errors: resolved.errors };
    const additional = this.#options.additional(path);
    if (additional !== undefined) return external(`./${additional}`, request);
    if (isCode) return undefined;
    const digest = createHash("sha256").update(path).digest("hex").slice(0, 12);
    const name = `${digest}-${basename(path)}`;
    this.#found.set(name, { path, type: pattern.type });
    return external(`./${name}`, request);
  }

  #patternOf(path: string): ModulePattern | undefined {
    return this.#active.find(({ specifier }) => specifier.test(path));
  }

  /** Old Workers import files beside the entry module without `./`. */
  #bareNames(): string[] {
    const folder = dirname(this.#options.main);
    const names = existsSync(folder) ? readdirSync(folder) : [];
    return names.filter(
      (name) => this.#patternOf(name) === undefined && this.#patternOf(`./${name}`) !== undefined,
    );
  }

  /**
   * Where wrangler looks for a file that is not resolved as code is. A name without `./` may be a file beside the
   * importer or beside the entry module. It may also be a file of a package that its package.json does not export.
   */
  #besides({ resolveDir }: OnResolveArgs, file: string): string | undefined {
    const folders = [resolveDir, dirname(this.#options.main), ...packageFolders(resolveDir)];
    return folders.map((folder) => join(folder, file)).find(existsSync);
  }

  #hiddenRule(path: string): string {
    const { type, glob } = this.#hidden.find(({ specifier }) => specifier.test(path)) ?? {};
    return `"${path}" matches the glob "${glob}" of a rule for ${type}, which an earlier rule of that type hides. Add "fallthrough": true to the earlier rule.`;
  }
}

function packageFolders(from: string): string[] {
  const above = dirname(from);
  return [join(from, "node_modules"), ...(above === from ? [] : packageFolders(above))];
}

function external(path: string, { kind }: OnResolveArgs): OnResolveResult {
  return kind === "require-call" ? resolveRequired(path, REQUIRED) : { path, external: true };
}
