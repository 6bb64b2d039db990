import type { Diagnostic } from "../bundle/diagnostic.js";
import type { WorkerConfig } from "../config/function-config.js";
import type { ProcessLaunch } from "./function-process.js";

/** A function's files, made ready to be started, or why they cannot be. */
export type Preparation =
  | {
      readonly ok: true;
      readonly launch: Omit<ProcessLaunch, "environment"> & {
        /** Besides what every function sees. */
        readonly environment: Readonly<Record<string, string>>;
      };
      /** Absolute paths of what the function is made of, as far as it is known before it runs. */
      readonly files: readonly string[];
      /** Removes what was built; called when nothing runs it any more. */
      readonly dispose?: () => Promise<void>;
    }
  | { readonly ok: false; readonly errors: readonly Diagnostic[]; readonly files: readonly string[] };

export interface PrepareOptions {
  readonly config: WorkerConfig & { readonly main: string };
  readonly mode: "dev" | "serve";
  /** A folder of this user for what can be made again. */
  readonly cacheDirectory: string;
  /** Aborted when nothing is to be prepared any more. */
  readonly signal: AbortSignal;
}

/** How functions of one language become processes. All else about such processes is the same for all languages. */
export interface ProcessDialect {
  readonly language: string;
  /** What standard error is for in this language. */
  readonly stderrLevel: "info" | "warn" | "error";
  /** Whether one process uses one core, so that several serve better. */
  readonly usesOneCore: boolean;
  /** @throws FunctionError when the language is not installed */
  prepare(options: PrepareOptions): Promise<Preparation>;
}
