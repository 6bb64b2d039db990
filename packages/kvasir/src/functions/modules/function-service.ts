import type { UnsupportedBinding } from "../../wire/absent-binding.js";
import type { AssetManifest } from "../assets/asset-manifest.js";
import type { SiteManifest } from "../assets/site.js";
import type { FunctionModule } from "../bundle/function-module.js";
import type { DurableObjects } from "../config/durable-objects.js";
import type { KvBinding, WorkerConfig } from "../config/function-config.js";
import type { RateLimitBinding } from "../config/rate-limits.js";
import type { ServiceBinding } from "../config/services.js";
import type { OwnService } from "./function-dialect.js";

/** A binding with facts about the running version. */
export interface VersionMetadata {
  /** The name in `env`. */
  readonly binding: string;
  readonly id: string;
  readonly timestamp: string;
}

/** One function as a separate Worker. */
export interface FunctionService {
  readonly name: string;
  /** The main module comes first. */
  readonly modules: readonly FunctionModule[];
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly vars: Readonly<Record<string, unknown>>;
  readonly kvNamespaces: readonly KvBinding[];
  /** @default none */
  readonly serviceBindings?: readonly ServiceBinding[] | undefined;
  /** @default none */
  readonly durableObjects?: DurableObjects | undefined;
  /** The names that its module exports. `undefined` if it has none that others can use. */
  readonly exports?: readonly string[];
  /** Why the function does not run. Its requests get this as their response. */
  readonly broken?: string;
  readonly rateLimits: readonly RateLimitBinding[];
  readonly versionMetadata: VersionMetadata | undefined;
  /** @default none */
  readonly unsupportedBindings?: readonly UnsupportedBinding[] | undefined;
  /** The services that our own modules in it use. */
  readonly services: readonly OwnService[];
  /** The function's folder. */
  readonly root: string;
  readonly assets?: WorkerConfig["assets"];
  /** The files at the start. `undefined` if assets are looked for at each request. */
  readonly assetManifest?: AssetManifest | undefined;
  readonly site?: WorkerConfig["site"];
  readonly siteManifest?: SiteManifest | undefined;
  /** Whether its bindings become globals (service-worker syntax). */
  readonly hasGlobals?: boolean;
  /** The address of the function's process, for a process function: `unix:/path`. */
  readonly processAddress?: string;
}
