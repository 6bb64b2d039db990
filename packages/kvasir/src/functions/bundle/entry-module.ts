import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import type { Loader, Plugin } from "esbuild";
import type { WorkerConfig } from "../config/function-config.js";
import { hasTelnyxManifest } from "../config/telnyx-config.js";
import { SYNTAX } from "./build-options.js";
import { esbuild } from "./esbuild.js";
import { ACCEPTED_SHAPES, type FunctionShape, functionShape, parseProgram } from "./function-shape.js";

const LOADERS: Readonly<Record<string, Loader>> = { ".ts": "ts", ".mts": "ts", ".cts": "ts", ".tsx": "tsx" };
/** Telnyx's package for functions. It is not published on any registry, so Kvasir provides it. */
const EDGE_RUNTIME = /^@telnyx\/edge-runtime$/;
export const EDGE_RUNTIME_MODULE = "kvasir-edge-runtime.js";

/** Detects the shape of a function's entry module and makes the module export its function. */
export class EntryModule {
  readonly #config: WorkerConfig;
  readonly #main: string;
  #source: string | undefined;
  #shape: FunctionShape | undefined;
  #isScript = false;

  constructor(config: WorkerConfig & { readonly main: string }) {
    this.#config = config;
    this.#main = config.main;
  }

  /** The shape found by {@link read}. `undefined` if the module contains nothing that can run. */
  get shape(): FunctionShape | undefined {
    return this.#shape;
  }

  /** Whether it is a service worker without imports. Such code runs in sloppy mode at Cloudflare. */
  get isScript(): boolean {
    return this.#isScript;
  }

  /** One sentence that explains why the entry module has no shape. */
  get problem(): string {
    return `${this.#main} exports no function that Kvasir can run: write ${ACCEPTED_SHAPES}.`;
  }

  /** Call it before each build: the shape decides which Node modules the build provides. */
  async read(): Promise<void> {
    this.#source = await readFile(this.#main, "utf8").catch(() => undefined);
    if (this.#source === undefined) return;
    const loader = loaderOf(this.#main);
    // TypeScript can parse as JavaScript with another meaning: `new Router<Env>(…)`.
    const untyped = loader === "jsx" ? parseProgram(this.#source) : undefined;
    const code = untyped === undefined ? await transformed(this.#source, loader) : this.#source;
    this.#shape = functionShape(untyped ?? (code === undefined ? undefined : parseProgram(code)));
    this.#isScript =
      this.#shape?.entry === "events" && code !== undefined && parseProgram(code, ["script"]) !== undefined;
  }

  plugin(): Plugin {
    const pattern = this.#main.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return {
      name: "kvasir-entry-module",
      setup: (build) => {
        build.onResolve({ filter: EDGE_RUNTIME }, () =>
          this.#hasEdgeRuntime()
            ? { path: `./${EDGE_RUNTIME_MODULE}`, external: true }
            : { errors: [{ text: NO_EDGE_RUNTIME }] },
        );
        build.onLoad({ filter: new RegExp(`^${pattern}$`), namespace: "file" }, ({ path }) =>
          this.#source === undefined
            ? undefined
            : { contents: exported(this.#source, this.#shape, path), loader: loaderOf(path) },
        );
      },
    };
  }

  #hasEdgeRuntime(): boolean {
    return this.#shape?.dialect !== "worker" || hasTelnyxManifest(this.#config);
  }
}

/** Removes types, JSX and decorators. Returns `undefined` for syntax errors, which the build itself reports. */
async function transformed(source: string, loader: Loader): Promise<string | undefined> {
  const options = { ...SYNTAX, loader, logLevel: "silent", legalComments: "none" } as const;
  return await esbuild()
    .transform(source, options)
    .then(
      ({ code }) => code,
      () => undefined,
    );
}

function loaderOf(path: string): Loader {
  return LOADERS[extname(path)] ?? "jsx";
}

const NO_EDGE_RUNTIME =
  '"@telnyx/edge-runtime" is there for handlers, and for Workers with a func.toml or telnyx.toml. Name the namespaces of this function in one of those.';

/** Appends to the source, or inserts on its first line, so that line numbers do not move. */
function exported(source: string, shape: FunctionShape | undefined, path: string): string {
  if (shape?.entry === "bare-handler") return `${source}\nexport { handler };`;
  if (shape?.commonJs !== true || !isEsModule(path)) return source;
  // CommonJS in a package with "type": "module": programs for Invoke are often written that way.
  return `var module = { exports: {} }, exports = module.exports;${source}\nexport default module.exports;`;
}

function isEsModule(path: string): boolean {
  const extension = extname(path);
  if (extension.startsWith(".c")) return false;
  if (extension.startsWith(".m")) return true;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    try {
      const { type } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { type?: unknown };
      return type === "module";
    } catch {
      if (dirname(folder) === folder || basename(folder) === "node_modules") return false;
    }
  }
}
