import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { codeExcerpt } from "../../wire/code-excerpt.js";
import { mapFrames } from "../../wire/map-frames.js";
import type { BundleResult } from "../bundle/bundler.js";
import { SITE_MANIFEST_MODULE, USER_MODULE } from "../bundle/function-module.js";
import type { FunctionShape } from "../bundle/function-shape.js";
import { scriptConfig } from "../bundle/script-config.js";
import type { DurableObjects } from "../config/durable-objects.js";
import type { WorkerConfig } from "../config/function-config.js";
import { hasTelnyxManifest } from "../config/telnyx-config.js";
import { brokenFunction } from "../modules/broken.js";
import { expressDialect } from "../modules/express.js";
import type { FunctionDialect } from "../modules/function-dialect.js";
import type { FunctionService, VersionMetadata } from "../modules/function-service.js";
import { handlerDialect } from "../modules/handler.js";
import type { ServiceOptions } from "../modules/service-options.js";
import { telnyxWorkerDialect } from "../modules/telnyx-worker.js";
import { SOURCE_MAP_MODULE, workerDialect } from "../modules/worker.js";
import { explainStart } from "./start-explanation.js";
import type { StaticFiles } from "./static-files.js";

type Bundle = Extract<BundleResult, { ok: true }>;

/**
 * A function at one point in time: its settings and the matching bundle, or the reason why there is no
 * bundle.
 */
export class FunctionVersion {
  readonly config: WorkerConfig;
  readonly #content: Bundle | string;
  readonly #files: StaticFiles;
  readonly #id = randomUUID();
  readonly #builtAt = new Date();

  constructor(config: WorkerConfig, content: Bundle | string, files: StaticFiles = {}) {
    this.config = typeof content === "string" ? config : scriptConfig(config, content.shape);
    this.#content = content;
    this.#files = files;
  }

  /** Describes the function for workerd. Without a bundle every response reports the reason. */
  service(options: ServiceOptions): FunctionService {
    const { name, root, vars, kvNamespaces } = this.config;
    // The flags may be what is wrong with a broken function.
    const { compatibilityDate, compatibilityFlags } =
      typeof this.#content === "string" ? { ...this.config, compatibilityFlags: [] } : this.config;
    const modules = this.#modules(options);
    const dialect =
      typeof this.#content === "string" ? undefined : dialectOf(this.config, this.#content.shape);
    const services = dialect?.services ?? [];
    const { serviceBindings, durableObjects } = this.config;
    const common = {
      name,
      root,
      modules,
      compatibilityDate,
      compatibilityFlags,
      vars,
      kvNamespaces,
      rateLimits: this.config.rateLimits,
      versionMetadata: this.#metadata(),
      unsupportedBindings: this.config.unsupportedBindings,
      services,
      assets: this.config.assets,
      assetManifest: this.#files.assets,
      site: this.config.site,
      siteManifest: this.#files.site,
      hasGlobals: typeof this.#content !== "string" && this.#content.syntax === "service-worker",
    };
    if (typeof this.#content === "string") return { ...common, broken: this.#content };
    const { exports } = this.#content;
    return { ...common, serviceBindings, durableObjects: exported(durableObjects, exports), exports };
  }

  get sourceMap(): string | undefined {
    return typeof this.#content === "string" ? undefined : this.#content.sourceMap;
  }

  /** Replaces locations in the bundle by locations in the source. */
  mapFrames(text: string): string {
    return typeof this.#content === "string" ? text : mapFrames(text, this.#content.sourceMap);
  }

  excerpt(stack: string): string | undefined {
    return typeof this.#content === "string" ? undefined : codeExcerpt(stack, this.#content.sourceMap)?.text;
  }

  /** One sentence for workerd's error at the start. `undefined` if the error says enough itself. */
  explainStart(error: string): string | undefined {
    if (typeof this.#content === "string") return undefined;
    return explainStart(error, { config: this.config, modules: this.#content.modules });
  }

  /** Whether running the other version would make no difference. */
  equals(other: FunctionVersion): boolean {
    return (
      isDeepStrictEqual(this.config, other.config) && isDeepStrictEqual(this.#running(), other.#running())
    );
  }

  /** The same for each process that runs this version. */
  #metadata(): VersionMetadata | undefined {
    const { versionMetadata: binding } = this.config;
    return binding === undefined
      ? undefined
      : { binding, id: this.#id, timestamp: this.#builtAt.toISOString() };
  }

  #running(): unknown {
    if (typeof this.#content === "string") return this.#content;
    const { modules, sourceMap, syntax, shape, exports } = this.#content;
    return { modules, sourceMap, syntax, shape, exports, files: this.#files };
  }

  #modules(options: ServiceOptions): FunctionService["modules"] {
    const { name } = this.config;
    if (typeof this.#content === "string") return brokenFunction({ name, ...options }, this.#content);
    const { syntax, shape, exports, modules, sourceMap } = this.#content;
    const [{ name: entry } = { name: USER_MODULE }] = modules;
    const build = { name, syntax, entry, shape, exports, config: this.config, ...options };
    return [
      ...dialectOf(this.config, shape).modules(build),
      ...modules,
      ...siteModules(this.#files),
      // For the error page, which reads the source map only when it is needed.
      ...(options.mode === "dev"
        ? [{ name: SOURCE_MAP_MODULE, type: "text" as const, body: sourceMap }]
        : []),
    ];
  }
}

/** Without classes that only a migration names and that the code no longer has. workerd would refuse them. */
function exported(
  objects: DurableObjects | undefined,
  exports: readonly string[],
): DurableObjects | undefined {
  if (objects === undefined) return undefined;
  return { ...objects, classes: objects.classes.filter(({ className }) => exports.includes(className)) };
}

function dialectOf(config: WorkerConfig, { dialect }: FunctionShape): FunctionDialect {
  const worker = hasTelnyxManifest(config) ? telnyxWorkerDialect : workerDialect;
  return { worker, handler: handlerDialect, express: expressDialect }[dialect];
}

/** Workers in module syntax import the names of their site's files. */
function siteModules({ site }: StaticFiles): FunctionService["modules"] {
  if (site === undefined) return [];
  return [{ name: SITE_MANIFEST_MODULE, type: "text", body: JSON.stringify(site) }];
}
