import type { FunctionModule } from "../bundle/function-module.js";
import type { KvBinding } from "../config/function-config.js";
import type { RateLimitBinding } from "../config/rate-limits.js";
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
  readonly rateLimits: readonly RateLimitBinding[];
  readonly versionMetadata: VersionMetadata | undefined;
  /** The services that our own modules in it use. */
  readonly services: readonly OwnService[];
  /** The function's folder. */
  readonly root: string;
  /** The address of the function's process, for a process function: `unix:/path`. */
  readonly processAddress?: string;
}
