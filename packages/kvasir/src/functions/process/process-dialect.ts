import type { Diagnostic } from "../bundle/diagnostic.js";
import type { WorkerConfig } from "../config/function-config.js";
import type { ProcessLaunch } from "./function-process.js";

/** A function's files, prepared so that they can be started, or the errors that prevent it. */
export type Preparation =
  | {
      readonly ok: true;
      readonly launch: Omit<ProcessLaunch, "environment"> & {
        /** Added to the variables that every function gets. */
        readonly environment: Readonly<Record<string, string>>;
      };
      /** Absolute paths of the function's files, as far as they are known before it runs. */
      readonly files: readonly string[];
      /** Removes the build output. Called when no process runs it any more. */
      readonly dispose?: () => Promise<void>;
    }
  | { readonly ok: false; readonly errors: readonly Diagnostic[]; readonly files: readonly string[] };

export interface PrepareOptions {
  readonly config: WorkerConfig & { readonly main: string };
  readonly mode: "dev" | "serve";
  /** A per-user folder for files that can be built again. */
  readonly cacheDirectory: string;
  /** Aborted when no further preparation is needed. */
  readonly signal: AbortSignal;
}

/**
 * Turns functions of one language into processes. All other code for processes is shared by all languages.
 */
export interface ProcessDialect {
  readonly language: string;
  /** The log level of standard error in this language. */
  readonly stderrLevel: "info" | "warn" | "error";
  /** Whether a process uses only one core, so that several processes serve more requests. */
  readonly usesOneCore: boolean;
  /** @throws FunctionError if the language is not installed */
  prepare(options: PrepareOptions): Promise<Preparation>;
}
