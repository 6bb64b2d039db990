import { isAbsolute, resolve } from "node:path";
import type { BuildContext, BuildFailure, BuildResult, Metafile } from "esbuild";
import type { WorkerConfig } from "../config/function-config.js";
import { AssetModules } from "./asset-modules.js";
import { type Diagnostic, diagnosticOf } from "./diagnostic.js";
import { EntryModule } from "./entry-module.js";
import { type FunctionModule, SITE_MANIFEST_MODULE, USER_MODULE } from "./function-module.js";
import type { FunctionShape } from "./function-shape.js";
import type { FunctionSyntax } from "./function-syntax.js";
import { nodeBuiltins } from "./node-builtins.js";
import { ownPackages } from "./own-packages.js";
import { scriptConfig } from "./script-config.js";
import { workersModule } from "./workers-module.js";

export type BundleResult =
  | {
      readonly ok: true;
      /** The user's code first, then the files that it imports as modules. */
      readonly modules: readonly FunctionModule[];
      /** Source map of the user's code, as JSON. */
      readonly sourceMap: string;
      readonly syntax: FunctionSyntax;
      readonly shape: FunctionShape;
      readonly warnings: readonly Diagnostic[];
      /** Absolute paths of all files in the bundle. */
      readonly inputs: readonly string[];
    }
  | { readonly ok: false; readonly errors: readonly Diagnostic[]; readonly inputs: readonly string[] };

export interface BundlerOptions {
  readonly config: WorkerConfig & { readonly main: string };
  /** Decides `process.env.NODE_ENV`. */
  readonly mode: "dev" | "serve";
}

/** Bundles one function repeatedly. Unchanged files are not read or parsed again. */
export class Bundler {
  readonly #config: BundlerOptions["config"];
  readonly #assets: AssetModules;
  readonly #entry: EntryModule;
  readonly #context: Promise<BuildContext>;
  #inputs: readonly string[];

  constructor(options: BundlerOptions) {
    this.#config = options.config;
    this.#assets = new AssetModules(options.config.root, options.config.rules);
    this.#entry = new EntryModule(options.config);
    this.#inputs = [options.config.main];
    this.#context = this.#open(options.mode);
    // build() awaits it. Without this handler an earlier rejection would end the process.
    this.#context.catch(() => undefined);
  }

  async build(): Promise<BundleResult> {
    const context = await this.#context;
    try {
      return await this.#finish((await context.rebuild()) as BuildResult<{ metafile: true; write: false }>);
    } catch (error) {
      if (!isBuildFailure(error)) throw error;
      const errors = error.errors.map((message) => this.#diagnostic(message));
      const files = errors.map(({ file }) => file).filter((file) => file !== undefined);
      return { ok: false, errors, inputs: [...new Set([...this.#inputs, ...files])] };
    }
  }

  async close(): Promise<void> {
    await (await this.#context.catch(() => undefined))?.dispose();
  }

  async #open(mode: "dev" | "serve"): Promise<BuildContext> {
    const { main, root, prelude } = this.#config;
    // Imported lazily: commands such as `kvasir kv …` must not wait for esbuild.
    const esbuild = await import("esbuild");
    return esbuild.context({
      entryPoints: { user: main },
      absWorkingDir: root,
      outdir: resolve(root, ".kvasir-bundle"),
      write: false,
      bundle: true,
      format: "esm",
      platform: "browser",
      target: "esnext",
      conditions: ["workerd", "worker", "browser"],
      mainFields: ["browser", "module", "main"],
      define: { "process.env.NODE_ENV": JSON.stringify(mode === "dev" ? "development" : "production") },
      loader: { ".js": "jsx", ".mjs": "jsx", ".cjs": "jsx" },
      external: ["cloudflare:*", "workerd:*", SITE_MANIFEST_MODULE],
      inject: prelude === undefined ? [] : [prelude],
      sourcemap: "external",
      sourcesContent: false,
      metafile: true,
      logLevel: "silent",
      plugins: [
        this.#entry.plugin(),
        this.#assets.plugin(),
        ownPackages,
        workersModule,
        nodeBuiltins(() => this.#scriptConfig()),
      ],
    });
  }

  async #finish(result: BuildResult<{ metafile: true; write: false }>): Promise<BundleResult> {
    const code = result.outputFiles.find((file) => file.path.endsWith(".js"))?.text ?? "";
    const sourceMap = result.outputFiles.find((file) => file.path.endsWith(".map"))?.text ?? "";
    this.#inputs = this.#inputsOf(result.metafile);
    const shape = this.#entry.shape ?? bundleShape(result.metafile, code);
    if (shape === undefined) {
      const error = { message: this.#entry.problem, frame: undefined, file: this.#config.main };
      return { ok: false, errors: [error], inputs: this.#inputs };
    }
    return {
      ok: true,
      modules: [{ name: USER_MODULE, type: "esModule", body: code }, ...(await this.#assets.read())],
      sourceMap,
      syntax: shape.entry === "events" ? "service-worker" : "modules",
      shape,
      warnings: result.warnings.map((message) => this.#diagnostic(message)),
      inputs: this.#inputs,
    };
  }

  #scriptConfig(): WorkerConfig {
    const { shape } = this.#entry;
    return shape === undefined ? this.#config : scriptConfig(this.#config, shape);
  }

  #inputsOf(metafile: Metafile): string[] {
    // The path of a virtual module starts with a namespace.
    const files = Object.keys(metafile.inputs).filter((path) => !/^[\w-]{2,}:/.test(path));
    return [...files.map((path) => resolve(this.#config.root, path)), ...this.#assets.paths];
  }

  #diagnostic(message: Parameters<typeof diagnosticOf>[0]): Diagnostic {
    const absolute = (file: string) => (isAbsolute(file) ? file : resolve(this.#config.root, file));
    return diagnosticOf(message, absolute, process.cwd());
  }
}

/**
 * Used when the entry module alone does not show its shape: the default export or
 * the listener is in another file.
 */
function bundleShape(metafile: Metafile, code: string): FunctionShape | undefined {
  const output = Object.values(metafile.outputs).find((candidate) => candidate.entryPoint !== undefined);
  const isListener = /\baddEventListener\s*\(\s*["'`]fetch["'`]/.test(code);
  if (output?.exports.includes("default")) return { dialect: "worker", entry: "default", commonJs: false };
  return isListener ? { dialect: "worker", entry: "events", commonJs: false } : undefined;
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && Array.isArray((error as Partial<BuildFailure>).errors);
}
