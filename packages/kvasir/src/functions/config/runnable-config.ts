import { FunctionError } from "../../failure/function-error.js";
import type { ConfigOverrides } from "./config-overrides.js";
import type { WorkerConfig } from "./function-config.js";
import { localNamespaces } from "./local-namespaces.js";
import { readWorkerConfig } from "./worker-config.js";

/** The settings of a function that has an entry module. */
export type RunnableConfig = WorkerConfig & { readonly main: string };

/** How the functions of one `dev` or `serve` are read. */
export interface RunSettings {
  readonly env: string | undefined;
  /** `dev` reads and writes the preview namespaces, as wrangler does. */
  readonly mode: "dev" | "serve";
  readonly overrides?: ConfigOverrides | undefined;
}

/** @throws FunctionError if the config cannot be read or does not name an entry module */
export function readRunnableConfig(path: string, { env, mode, overrides }: RunSettings): RunnableConfig {
  const config = readWorkerConfig(path, { env, overrides, needsMain: true });
  const { main, kvNamespaces } = config;
  if (main === undefined) {
    throw new FunctionError(`${config.configPath} names no main, so there is no function to run.`, {
      hint: 'Add "main": "src/index.ts" with the path of the function\'s entry module.',
    });
  }
  return { ...config, main, kvNamespaces: mode === "dev" ? localNamespaces(kvNamespaces) : kvNamespaces };
}
