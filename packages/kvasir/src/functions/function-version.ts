import { isDeepStrictEqual } from "node:util";
import type { BundleResult } from "./bundle/bundler.js";
import type { WorkerConfig } from "./config/worker-config.js";
import { brokenFunction } from "./dialects/broken.js";
import type { FunctionBuild, FunctionDialect } from "./dialects/function-dialect.js";
import { SOURCE_MAP_MODULE, workerDialect } from "./dialects/worker.js";
import { mapFrames } from "./observe/map-frames.js";
import type { FunctionService } from "./workerd/workerd-config.js";

type Bundle = Extract<BundleResult, { ok: true }>;

/** How a version is run; the same for all functions of one workerd. */
export type ServiceOptions = Omit<FunctionBuild, "name" | "syntax">;

/** A function as it was at one moment: settings and bundle that belong together, or why there is no bundle. */
export class FunctionVersion {
  readonly config: WorkerConfig;
  readonly #content: Bundle | string;

  constructor(config: WorkerConfig, content: Bundle | string) {
    this.config = config;
    this.#content = content;
  }

  /** The function for workerd. Without a bundle it answers every request with the reason. */
  service(options: ServiceOptions): FunctionService {
    const { name, compatibilityDate, compatibilityFlags, vars, kvNamespaces } = this.config;
    const modules = this.#modules(options);
    return { name, modules, compatibilityDate, compatibilityFlags, vars, kvNamespaces };
  }

  /** Rewrites places in the bundle to places in the source. */
  mapFrames(text: string): string {
    return typeof this.#content === "string" ? text : mapFrames(text, this.#content.sourceMap);
  }

  /** Whether running the other one would be the same. */
  equals(other: FunctionVersion): boolean {
    return (
      isDeepStrictEqual(this.config, other.config) && isDeepStrictEqual(this.#running(), other.#running())
    );
  }

  #running(): unknown {
    if (typeof this.#content === "string") return this.#content;
    const { modules, sourceMap, syntax } = this.#content;
    return { modules, sourceMap, syntax };
  }

  #modules(options: ServiceOptions): FunctionService["modules"] {
    const { name } = this.config;
    if (typeof this.#content === "string") return brokenFunction({ name, ...options }, this.#content);
    const { syntax, modules, sourceMap } = this.#content;
    return [
      ...dialectOf(this.config).modules({ name, syntax, ...options }),
      ...modules,
      // For the page that shows an error: workerd reads it then, and not before.
      ...(options.mode === "dev"
        ? [{ name: SOURCE_MAP_MODULE, type: "text" as const, body: sourceMap }]
        : []),
    ];
  }
}

/** By file name and content, once there are more: handler, express, python, go. */
function dialectOf(_config: WorkerConfig): FunctionDialect {
  return workerDialect;
}
