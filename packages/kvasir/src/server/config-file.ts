import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Failure } from "../failure/failure.js";
import { type FindConfigOptions, findConfig, nearestConfig } from "../functions/config/find-config.js";

/**
 * The config of a command without a path: `--config`, or else the nearest one, found as wrangler finds it.
 */
export function configFileOf(options: { readonly config?: string }): string | undefined {
  if (options.config === undefined) return nearestConfig(process.cwd());
  if (!existsSync(options.config)) {
    throw new Failure(`${options.config} does not exist.`, { hint: "Check the path that --config gives." });
  }
  return configFileOfPath(options.config) ?? resolve(options.config);
}

/**
 * The config of a path given to `dev` or `serve`. Returns `undefined` for a function file without a config, and for
 * a folder that only has assets.
 */
export function configFileOfPath(path: string, options?: FindConfigOptions): string | undefined {
  const source = findConfig(path, options);
  if (source.kind === "folder") return undefined;
  return source.kind === "config" ? source.userConfigPath : nearestConfig(dirname(source.scriptPath));
}
