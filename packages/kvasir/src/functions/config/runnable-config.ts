import { statSync } from "node:fs";
import { FunctionError } from "../../failure/function-error.js";
import { packageFile } from "../../package/package-files.js";
import type { ConfigOverrides } from "./config-overrides.js";
import type { KvBinding, WorkerConfig } from "./function-config.js";
import { readWorkerConfig } from "./worker-config.js";

/** The settings of a function that has an entry module. */
export type RunnableConfig = WorkerConfig & { readonly main: string };

/** The entry module beside assets without a Worker. No request reaches it. */
const NO_WORKER = "dist/runtime/no-worker.js";

/** How the functions of one `dev` or `serve` are read. */
export interface RunSettings {
  readonly env: string | undefined;
  /** `dev` reads and writes the preview namespaces, as wrangler does. */
  readonly mode: "dev" | "serve";
  readonly overrides?: ConfigOverrides | undefined;
}

/** @throws FunctionError if the config cannot be read, names no entry module, or names a folder that is not there */
export function readRunnableConfig(path: string, { env, mode, overrides }: RunSettings): RunnableConfig {
  const config = readWorkerConfig(path, { env, overrides, needsMain: true });
  checkFolder(config, "assets", config.assets?.directory);
  checkFolder(config, "site", config.site?.bucket);
  const { kvNamespaces } = config;
  const main = config.main ?? (config.assets === undefined ? undefined : packageFile(NO_WORKER));
  if (main === undefined) {
    throw new FunctionError(`${config.configPath} names no main, so there is no function to run.`, {
      hint: 'Add "main": "src/index.ts" with the path of the function\'s entry module, or "assets" with a folder of files.',
    });
  }
  return { ...config, main, kvNamespaces: mode === "dev" ? kvNamespaces.map(preview) : kvNamespaces };
}

function preview(binding: KvBinding): KvBinding {
  return { ...binding, id: binding.previewId ?? binding.id };
}

/** The commands for keys and types do not need the folder, which may be made by a build. So only this checks it. */
function checkFolder(
  { configPath, root }: WorkerConfig,
  key: "assets" | "site",
  folder: string | undefined,
): void {
  if (folder === undefined) return;
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) return;
  const problem = stats === undefined ? "does not exist" : "is not a folder";
  throw new FunctionError(`${configPath ?? root}: the folder of ${key}, ${folder}, ${problem}.`, {
    hint: "Create the folder, for example by building the project, or correct its path.",
  });
}
