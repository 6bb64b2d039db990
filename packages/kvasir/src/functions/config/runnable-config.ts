import { FunctionError } from "../../failure/function-error.js";
import type { WorkerConfig } from "./function-config.js";
import { readWorkerConfig } from "./worker-config.js";

/** The settings of a function that has an entry module. */
export type RunnableConfig = WorkerConfig & { readonly main: string };

/** @throws FunctionError if the config cannot be read or does not name an entry module */
export function readRunnableConfig(path: string, env: string | undefined): RunnableConfig {
  const config = readWorkerConfig(path, { env });
  const { main } = config;
  if (main === undefined) {
    throw new FunctionError(`${config.configPath} names no main, so there is no function to run.`, {
      hint: 'Add "main": "src/index.ts" with the path of the function\'s entry module.',
    });
  }
  return { ...config, main };
}
