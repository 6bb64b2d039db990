import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { type ModuleRule, type ModuleType, modulePatterns } from "../config/module-rules.js";
import { ADDITIONAL_MODULES_MAX } from "../limits.js";
import { type FunctionModule, functionModule } from "./function-module.js";

/** Folders of other tools, and of Kvasir's own data. */
const IGNORED_FOLDERS = new Set([".git", ".kvasir", ".wrangler"]);

export interface AdditionalModulesOptions {
  /** The folder in which modules are searched. Their names are relative to it. */
  readonly root: string;
  /** The entry module, which is not an additional one. */
  readonly main: string;
  readonly configPath: string | undefined;
  readonly rules: readonly ModuleRule[];
}

/** The files of the module root that match a rule: code may load them by names that no bundler can know. */
export class AdditionalModules {
  readonly #options: AdditionalModulesOptions;
  #found: ReadonlyMap<string, { readonly name: string; readonly type: ModuleType }> = new Map();

  constructor(options: AdditionalModulesOptions) {
    this.#options = options;
  }

  get paths(): string[] {
    return [...this.#found.keys()];
  }

  /** The module name of a file, if it is one of them. */
  nameOf(path: string): string | undefined {
    return this.#found.get(path)?.name;
  }

  /** @returns one sentence if there are too many */
  async find(): Promise<string | undefined> {
    const { root, main, configPath, rules } = this.#options;
    const { active } = modulePatterns(rules);
    // Packages are only searched if a rule names their folder.
    const packages = rules.some(({ globs }) => globs.some((glob) => glob.includes("node_modules")));
    const found = new Map<string, { readonly name: string; readonly type: ModuleType }>();
    for await (const path of files(root, packages)) {
      if (path === main || path === configPath) continue;
      const name = relative(root, path).replaceAll("\\", "/");
      const type = active.find(({ file }) => file.test(name))?.type;
      if (type === undefined) continue;
      found.set(path, { name, type });
      if (found.size > ADDITIONAL_MODULES_MAX) {
        return `More than ${ADDITIONAL_MODULES_MAX.toLocaleString("en")} files in ${root} match the config's rules. Set base_dir to the folder of the function's modules.`;
      }
    }
    this.#found = found;
    return undefined;
  }

  read(): Promise<FunctionModule[]> {
    return Promise.all(
      [...this.#found].map(async ([path, { name, type }]) =>
        located(functionModule(name, { path, type, content: await readFile(path) }), path),
      ),
    );
  }
}

/** Makes stack frames show the file. */
export function located(module: FunctionModule, path: string): FunctionModule {
  if (module.type !== "esModule" && module.type !== "commonJsModule") return module;
  return { ...module, body: `${module.body}\n//# sourceURL=${pathToFileURL(path)}` };
}

async function* files(folder: string, packages: boolean): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) yield path;
    else if (!IGNORED_FOLDERS.has(entry.name) && (packages || entry.name !== "node_modules")) {
      yield* files(path, packages);
    }
  }
}
