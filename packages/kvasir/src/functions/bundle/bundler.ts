import { readFile } from "node:fs/promises";
import { basename, isAbsolute, resolve } from "node:path";
import type { BuildContext, BuildFailure, BuildOptions, BuildResult, Metafile } from "esbuild";
import { moduleRoot } from "../config/bundling.js";
import type { WorkerConfig } from "../config/function-config.js";
import { AdditionalModules, located } from "./additional-modules.js";
import { aliases } from "./alias.js";
import { AssetModules } from "./asset-modules.js";
import { blobGlobals, readBlobs } from "./blobs.js";
import { buildOptions } from "./build-options.js";
import { type Diagnostic, diagnosticAt, diagnosticOf } from "./diagnostic.js";
import { EntryModule } from "./entry-module.js";
import { esbuild } from "./esbuild.js";
import {
  BUNDLE_FOLDER,
  esModule,
  type FunctionModule,
  SITE_MANIFEST_MODULE,
  scriptModule,
  USER_MODULE,
} from "./function-module.js";
import type { FunctionShape } from "./function-shape.js";
import type { FunctionSyntax } from "./function-syntax.js";
import { lookedFor } from "./looked-for.js";
import { nodeMode } from "./node-mode.js";
import { allNodeModules } from "./node-modules.js";
import { nativeNodeModules, refusedNodeImport } from "./node-natives.js";
import { ownPackages } from "./own-packages.js";
import { type Graph, graphOf, recordGraph } from "./resolution-graph.js";
import { scriptConfig } from "./script-config.js";
import { settingError } from "./setting-error.js";
import { unresolvedText } from "./unresolved-import.js";
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
      /** The names that the user's module exports. */
      readonly exports: readonly string[];
      readonly warnings: readonly Diagnostic[];
    }
  | { readonly ok: false; readonly errors: readonly Diagnostic[] };

export interface BundlerOptions {
  readonly config: WorkerConfig & { readonly main: string };
  /** Decides `process.env.NODE_ENV`. */
  readonly mode: "dev" | "serve";
}

/** The files that a build depends on. */
export interface BuildFiles {
  /** Absolute paths of files, which may not exist. */
  readonly files: readonly string[];
  /** Folders of which every file counts. */
  readonly trees: readonly string[];
}

interface Context {
  /** What decides its options: the compatibility flags, and whether the code is a script. */
  readonly key: string;
  readonly options: BuildOptions;
  /** `undefined` until the first build. */
  opened: BuildContext | undefined;
}

type Built = BuildResult<{ metafile: true; write: false }>;

/** Stack frames of code that was not bundled need no translation. */
const NO_SOURCE_MAP = '{"version":3,"sources":[],"names":[],"mappings":""}';

/** Bundles one function repeatedly. Unchanged files are not read or parsed again. */
export class Bundler {
  readonly #options: BundlerOptions;
  readonly #config: BundlerOptions["config"];
  readonly #entry: EntryModule;
  readonly #additional: AdditionalModules;
  readonly #assets: AssetModules;
  #context: Context | undefined;
  #graph: Graph = { inputs: [], imports: [] };
  #unresolved = false;

  constructor(options: BundlerOptions) {
    this.#options = options;
    const { config } = options;
    this.#config = config;
    this.#entry = new EntryModule(config);
    this.#additional = new AdditionalModules({ ...config, root: moduleRoot(config) });
    this.#assets = new AssetModules({ ...config, additional: (path) => this.#additional.nameOf(path) });
  }

  async build(): Promise<BundleResult> {
    await this.#entry.read();
    const { bundling, main } = this.#config;
    const tooMany = bundling.findAdditionalModules ? await this.#additional.find() : undefined;
    if (tooMany !== undefined) return failed({ message: tooMany, frame: undefined, file: undefined });
    if (bundling.noBundle) return this.#unbundled(main);
    const context = await this.#configured();
    const { options } = context;
    try {
      // esbuild refuses options here, such as a `define` that it cannot parse.
      context.opened ??= await esbuild().context(options);
      const result = (await context.opened.rebuild()) as Built;
      this.#graph = graphOf(result.metafile, this.#config.root);
      this.#unresolved = false;
      return await this.#finish(result);
    } catch (error) {
      if (!isBuildFailure(error)) throw error;
      this.#graph = await recordGraph(options);
      this.#unresolved = this.#graph.imports.some(({ resolved }) => resolved === undefined);
      const errors = error.errors.map((message) => this.#diagnostic(message));
      return { ok: false, errors };
    }
  }

  /** What the last build depended on, which files it looked for and did not find included. */
  watched(): BuildFiles {
    const { main, root, bundling } = this.#config;
    const { inputs, imports } = this.#graph;
    const files = [...inputs, ...this.#assets.paths, ...this.#additional.paths];
    const needed = lookedFor({ root, tsconfig: bundling.tsconfig, inputs: [main, ...inputs], imports });
    return {
      files: [...files, ...needed, ...bundling.blobs.map(({ path }) => path)],
      trees: [
        ...(bundling.findAdditionalModules ? [moduleRoot(this.#config)] : []),
        // A missing import may appear anywhere: `paths` of a tsconfig and `imports` of a package name folders.
        ...(this.#unresolved ? [root] : []),
      ],
    };
  }

  async close(): Promise<void> {
    await this.#context?.opened?.dispose();
  }

  /** The settings of the build depend on the dialect of the entry module, which an edit may change. */
  async #configured(): Promise<Context> {
    const compatibility = this.#scriptConfig();
    const key = [this.#isScript, ...compatibility.compatibilityFlags].join();
    if (this.#context?.key === key) return this.#context;
    await this.#context?.opened?.dispose();
    this.#context = { key, options: await this.#esbuildOptions(compatibility), opened: undefined };
    return this.#context;
  }

  async #esbuildOptions(compatibility: WorkerConfig): Promise<BuildOptions> {
    const { main, root, prelude, bundling } = this.#config;
    const mode = nodeMode(compatibility);
    return {
      ...buildOptions(bundling, compatibility, this.#options.mode),
      entryPoints: { user: main },
      absWorkingDir: root,
      outdir: resolve(root, BUNDLE_FOLDER),
      write: false,
      bundle: true,
      format: this.#isScript ? "iife" : "esm",
      external: ["cloudflare:*", "workerd:*", SITE_MANIFEST_MODULE],
      inject: prelude === undefined ? [] : [prelude],
      sourcemap: "external",
      // `dev` shows the code around an error.
      sourcesContent: this.#options.mode === "dev",
      metafile: true,
      logLevel: "silent",
      plugins: [
        aliases(bundling.alias, root),
        this.#entry.plugin(),
        this.#assets.plugin(),
        blobGlobals(bundling.blobs),
        ownPackages,
        workersModule,
        mode === "v2" ? await allNodeModules(compatibility) : nativeNodeModules(mode),
      ],
    };
  }

  async #finish(result: Built): Promise<BundleResult> {
    const code = result.outputFiles.find((file) => file.path.endsWith(".js"))?.text ?? "";
    const sourceMap = result.outputFiles.find((file) => file.path.endsWith(".map"))?.text ?? "";
    const refused = refusedNodeImport(result.metafile, nodeMode(this.#scriptConfig()));
    if (refused !== undefined) {
      const { importer, module, text } = refused;
      return failed(
        importer === undefined ? plain(text) : diagnosticAt(this.#absolute(importer), module, text),
      );
    }
    const shape = this.#entry.shape ?? bundleShape(result.metafile, code);
    if (shape === undefined) return failed(plain(this.#entry.problem, this.#config.main));
    const modules = [
      this.#isScript ? scriptModule(USER_MODULE, code) : esModule(USER_MODULE, code),
      ...(await this.#assets.read()),
    ];
    const warnings = result.warnings.map((message) => this.#diagnostic(message));
    const exports = entryOutput(result.metafile)?.exports ?? [];
    return this.#loadable({ modules, sourceMap, shape, exports, warnings });
  }

  async #unbundled(main: string): Promise<BundleResult> {
    const { shape } = this.#entry;
    if (shape === undefined) return failed(plain(this.#entry.problem, main));
    const code = await readFile(main, "utf8");
    const entry = this.#isScript ? scriptModule(basename(main), code) : esModule(basename(main), code);
    return this.#loadable({
      modules: [located(entry, main)],
      sourceMap: NO_SOURCE_MAP,
      shape,
      exports: await exportsOf(main),
      warnings: [],
    });
  }

  async #loadable(
    bundle: Pick<
      Extract<BundleResult, { ok: true }>,
      "modules" | "sourceMap" | "shape" | "exports" | "warnings"
    >,
  ): Promise<BundleResult> {
    const { blobs } = this.#config.bundling;
    const syntax = bundle.shape.entry === "events" ? "service-worker" : "modules";
    if (blobs.length > 0 && syntax === "modules") return failed(plain(BLOBS_IN_MODULES));
    const modules = [...bundle.modules, ...(await this.#additional.read()), ...(await readBlobs(blobs))];
    return { ok: true, ...bundle, modules, syntax };
  }

  /** The modules of Node are reached by imports, which a script cannot have. */
  get #isScript(): boolean {
    return this.#entry.isScript && nodeMode(this.#config) === "none";
  }

  #scriptConfig(): WorkerConfig {
    const { shape } = this.#entry;
    return shape === undefined ? this.#config : scriptConfig(this.#config, shape);
  }

  #absolute(file: string): string {
    return isAbsolute(file) ? file : resolve(this.#config.root, file);
  }

  #diagnostic(message: Parameters<typeof diagnosticOf>[0]): Diagnostic {
    const absolute = (file: string) => this.#absolute(file);
    const importer = message.location === null ? this.#config.main : absolute(message.location.file);
    const setting = settingError(message, this.#config.bundling);
    const text = setting ?? unresolvedText(message.text, { importer, root: this.#config.root });
    if (text === undefined) return diagnosticOf(message, absolute, process.cwd());
    // A wrong setting is in no file of the code.
    const location = message.location?.file.startsWith("(") === true ? null : message.location;
    return diagnosticOf({ text, location, notes: [] }, absolute, process.cwd());
  }
}

const BLOBS_IN_MODULES =
  "text_blobs, data_blobs and wasm_modules are for functions in service-worker syntax. Import the files in the code instead.";

function failed(...errors: readonly Diagnostic[]): BundleResult {
  return { ok: false, errors };
}

function plain(message: string, file?: string): Diagnostic {
  return { message, frame: undefined, file };
}

/**
 * Used when the entry module alone does not show its shape: the default export or
 * the listener is in another file.
 */
function bundleShape(metafile: Metafile, code: string): FunctionShape | undefined {
  const output = entryOutput(metafile);
  const isListener = /\baddEventListener\s*\(\s*["'`]fetch["'`]/.test(code);
  if (output?.exports.includes("default")) return { dialect: "worker", entry: "default", commonJs: false };
  return isListener ? { dialect: "worker", entry: "events", commonJs: false } : undefined;
}

function entryOutput({ outputs }: Metafile): Metafile["outputs"][string] | undefined {
  return Object.values(outputs).find(({ entryPoint }) => entryPoint !== undefined);
}

/** The names that a module exports which is not bundled. Those of an `export *` are not known. */
async function exportsOf(file: string): Promise<readonly string[]> {
  const { metafile } = await esbuild().build({
    entryPoints: [file],
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  return entryOutput(metafile)?.exports ?? [];
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && Array.isArray((error as Partial<BuildFailure>).errors);
}
