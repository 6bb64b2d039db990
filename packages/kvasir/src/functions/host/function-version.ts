import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { mapFrames } from "../../wire/map-frames.js";
import type { BundleResult } from "../bundle/bundler.js";
import type { FunctionShape } from "../bundle/function-shape.js";
import { scriptConfig } from "../bundle/script-config.js";
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

type Bundle = Extract<BundleResult, { ok: true }>;

/**
 * A function at one point in time: its settings and the matching bundle, or the reason why there is no
 * bundle.
 */
export class FunctionVersion {
  readonly config: WorkerConfig;
  readonly #content: Bundle | string;
  readonly #id = randomUUID();
  readonly #builtAt = new Date();

  constructor(config: WorkerConfig, content: Bundle | string) {
    this.config = typeof content === "string" ? config : scriptConfig(config, content.shape);
    this.#content = content;
  }

  /** Describes the function for workerd. Without a bundle every response reports the reason. */
  service(options: ServiceOptions): FunctionService {
    const { config } = this;
    const modules = this.#modules(options);
    const dialect =
      typeof this.#content === "string" ? undefined : dialectOf(this.config, this.#content.shape);
    const services = dialect?.services ?? [];
    return {
      name: config.name,
      root: config.root,
      modules,
      compatibilityDate: config.compatibilityDate,
      compatibilityFlags: config.compatibilityFlags,
      vars: config.vars,
      kvNamespaces: config.kvNamespaces,
      rateLimits: config.rateLimits,
      versionMetadata: this.#metadata(),
      services,
    };
  }

  /** Replaces locations in the bundle by locations in the source. */
  mapFrames(text: string): string {
    return typeof this.#content === "string" ? text : mapFrames(text, this.#content.sourceMap);
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
    const { modules, sourceMap, syntax, shape } = this.#content;
    return { modules, sourceMap, syntax, shape };
  }

  #modules(options: ServiceOptions): FunctionService["modules"] {
    const { name } = this.config;
    if (typeof this.#content === "string") return brokenFunction({ name, ...options }, this.#content);
    const { syntax, shape, modules, sourceMap } = this.#content;
    return [
      ...dialectOf(this.config, shape).modules({ name, syntax, shape, config: this.config, ...options }),
      ...modules,
      // For the error page, which reads the source map only when it is needed.
      ...(options.mode === "dev"
        ? [{ name: SOURCE_MAP_MODULE, type: "text" as const, body: sourceMap }]
        : []),
    ];
  }
}

function dialectOf(config: WorkerConfig, { dialect }: FunctionShape): FunctionDialect {
  const worker = hasTelnyxManifest(config) ? telnyxWorkerDialect : workerDialect;
  return { worker, handler: handlerDialect, express: expressDialect }[dialect];
}
