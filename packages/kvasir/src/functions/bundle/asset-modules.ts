import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, relative } from "node:path";
import type { Plugin } from "esbuild";
import { type ModuleRule, type ModuleType, moduleTypes } from "../config/module-rules.js";
import type { FunctionModule } from "./function-module.js";

const SKIP = Symbol("resolve as usual");

/** The text, data and wasm files that a bundle imports. Each becomes a module beside the bundle. */
export class AssetModules {
  readonly #root: string;
  readonly #typeOf: (path: string) => ModuleType | undefined;
  readonly #filter: RegExp;
  readonly #found = new Map<string, { readonly path: string; readonly type: ModuleType }>();

  constructor(root: string, rules: readonly ModuleRule[]) {
    this.#root = root;
    this.#typeOf = moduleTypes(rules);
    // Matches the default rules and the endings of the config's globs. A filter for every import would cost
    // one round trip to the esbuild process per import.
    const endings = rules.flatMap((rule) => rule.globs.map((glob) => glob.slice(glob.lastIndexOf("*") + 1)));
    const all = [".txt", ".html", ".sql", ".bin", ".wasm", ".wasm?module", ...endings].filter(
      (text) => text !== "",
    );
    this.#filter = new RegExp(
      `(${all.map((text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join("|")})$`,
    );
  }

  /** Absolute paths of the files that the last build imported. */
  get paths(): string[] {
    return [...this.#found.values()].map(({ path }) => path);
  }

  async read(): Promise<FunctionModule[]> {
    return Promise.all(
      [...this.#found].map(async ([name, { path, type }]): Promise<FunctionModule> => {
        if (type === "Text") return { name, type: "text", body: await readFile(path, "utf8") };
        return { name, type: type === "Data" ? "data" : "wasm", body: await readFile(path) };
      }),
    );
  }

  plugin(): Plugin {
    return {
      name: "kvasir-asset-modules",
      setup: (build) => {
        build.onStart(() => this.#found.clear());
        build.onResolve({ filter: this.#filter }, async (request) => {
          if (request.pluginData === SKIP) return undefined;
          const { importer, resolveDir, kind, with: attributes } = request;
          const file = request.path.replace(/\?module$/, "");
          const options = { importer, resolveDir, kind, with: attributes, pluginData: SKIP };
          const resolved = await build.resolve(file, options);
          if (resolved.errors.length > 0) return { errors: resolved.errors, warnings: resolved.warnings };
          const query = request.path.slice(file.length);
          const type =
            this.#typeOf(relative(this.#root, resolved.path) + query) ??
            this.#typeOf(basename(resolved.path) + query);
          if (type === undefined) return undefined;
          const digest = createHash("sha256").update(resolved.path).digest("hex").slice(0, 12);
          const name = `${digest}-${basename(resolved.path)}`;
          this.#found.set(name, { path: resolved.path, type });
          return { path: `./${name}`, external: true };
        });
      },
    };
  }
}
