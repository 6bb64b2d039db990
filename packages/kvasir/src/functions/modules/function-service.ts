import type { FunctionModule } from "../bundle/function-module.js";
import type { KvBinding } from "../config/function-config.js";
import type { OwnService } from "./function-dialect.js";

/** One function as a Worker of its own. */
export interface FunctionService {
  readonly name: string;
  /** The main module first. */
  readonly modules: readonly FunctionModule[];
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly vars: Readonly<Record<string, unknown>>;
  readonly kvNamespaces: readonly KvBinding[];
  /** What our own modules in it reach. */
  readonly services: readonly OwnService[];
  /** The function's folder. */
  readonly root: string;
  /** Where the process answers that the function is, for one that is no Worker: `unix:/path`. */
  readonly processAddress?: string;
}
