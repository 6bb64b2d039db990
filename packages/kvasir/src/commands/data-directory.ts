import { dirname, join, resolve } from "node:path";
import { configFileOf, configFileOfPath } from "./config-file.js";
import type { TargetOptions } from "./options.js";

const NAME = ".kvasir";

/** Where a `kv` or `token` command's data lies: `--data`, else beside the config, else in this folder. */
export function dataDirectory(options: TargetOptions): string {
  const given = options.data ?? options.persistTo;
  return given === undefined ? beside(configFileOf(options)) : resolve(given);
}

/** The same for `dev` and `serve`: beside the config of the first path that has one. */
export function dataDirectoryOfPaths(data: string | undefined, paths: readonly string[]): string {
  if (data !== undefined) return resolve(data);
  return beside(paths.map(configFileOfPath).find((file) => file !== undefined));
}

function beside(config: string | undefined): string {
  return join(config === undefined ? process.cwd() : dirname(config), NAME);
}
